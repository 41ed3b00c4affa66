-- nothing runs on after a limit has struck: tail-call
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local function ranOn() inject_message({Type = 'ran-on'}) end
local function spin() while true do end end
function process_message()
    pcall(function() pcall(function() local function f() return f() end return f() end) end)
    ranOn()
    pcall(ranOn)
    return 0
end
