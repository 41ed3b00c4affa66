-- joining long texts for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local a = ("x"):rep(1e6)
function process_message()
    while true do local b = a .. "y" local c = b:byte(1) end
end
