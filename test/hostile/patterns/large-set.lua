-- a large set tested against a long text is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    string.find(string.rep('a', 20000), '[' .. string.rep('b', 20000) .. ']')
    return 0
end
