-- backtracking of optional items is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    local n = 40
    string.match(string.rep('a', n), string.rep('a?', n) .. string.rep('a', n) .. 'b')
    return 0
end
