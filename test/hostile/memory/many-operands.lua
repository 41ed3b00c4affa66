-- one concatenation of many large strings is refused
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
function process_message()
    local s = string.rep('x', 1024 * 1024)
    local all = s .. s .. s .. s .. s .. s .. s .. s .. s .. s
    return 0
end
