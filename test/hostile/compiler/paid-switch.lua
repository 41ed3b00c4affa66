-- long chains of conditions for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local f = loadstring("local a = ... if a == 0 then return 0 " .. ("elseif a == 1 then return 1 "):rep(2000) .. "end")
function process_message()
    while true do f(5) end
end
