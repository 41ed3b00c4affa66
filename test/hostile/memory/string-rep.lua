-- a repeated string of a gigabyte is refused before it is made
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
function process_message()
    local s = string.rep('x', 1024 * 1024 * 1024)
    return 0
end
