-- a repeated string that is refused under pcall ends the sandbox
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
function process_message()
    pcall(string.rep, 'x', 2 ^ 30)
    while true do end
    return 0
end
