-- reading bytes of long texts for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local s = ("x"):rep(1e6)
function process_message()
    while true do s:byte(1, 7000) s:sub(2) end
end
