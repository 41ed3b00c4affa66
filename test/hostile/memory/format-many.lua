-- a format of many large strings is refused
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
function process_message()
    local s = string.rep('x', 1024 * 1024)
    string.format(string.rep('%s', 20), s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)
    return 0
end
