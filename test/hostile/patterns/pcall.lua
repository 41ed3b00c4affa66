-- backtracking under pcall is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    while true do pcall(string.find, string.rep('a', 3000), '.-.-.-.-.-.-.-.-b') end
    return 0
end
