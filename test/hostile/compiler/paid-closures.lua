-- making closures of many upvalues for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local f = loadstring("local " .. ("a,"):rep(58) .. "b = 1 return function() return function() return a, b end end")()
function process_message()
    while true do f() end
end
