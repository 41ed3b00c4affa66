-- comparing long equal texts for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local a = ("x"):rep(1e6) local b = ("x"):rep(5e5) .. ("x"):rep(5e5)
function process_message()
    while true do local same, less = a == b, a < b end
end
