-- a stack that overflows in a loop is paid for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
local function f() return 1 + f() end
local function g() return 'x' .. string.gsub('abc', '%w', g) end
function process_message()
    while true do pcall(f) pcall(g) xpcall(f, f) xpcall(g, g) end
end
