-- passing thousands of arguments to functions of Lua for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local t = {} for i = 1, 7900 do t[i] = i end local function h() end
function process_message()
    local function g(...) while true do h(...) pcall(h, ...) end end g(unpack(t))
end
