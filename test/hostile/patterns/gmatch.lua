-- backtracking in gmatch is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    for _ in string.gmatch(string.rep('a', 3000), '.-.-.-.-.-.-.-.-b') do end
    return 0
end
