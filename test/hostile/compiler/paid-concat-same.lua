-- joining long texts for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_* process_message() *
require 'string' require 'table'
local a = ("x"):rep(1e6)
function process_message()
    while true do local b = a .. "y" local c = b:byte(1) end
end
