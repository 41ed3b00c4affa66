-- nested conjunctions for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local part = "(1" .. ("+a"):rep(50) .. ")" local f = loadstring("local a = ... while true do local _ = " .. (part .. " and ("):rep(80) .. "a" .. (")"):rep(80) .. " end")
function process_message()
    f(1)
end
