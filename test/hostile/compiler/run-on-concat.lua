-- nothing runs on after a limit has struck: concat
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local function ranOn() inject_message({Type = 'ran-on'}) end
local function spin() while true do end end
function process_message()
    pcall(function() pcall(function() return setmetatable({}, {__concat = spin}) .. "x" end) end)
    ranOn()
    pcall(ranOn)
    return 0
end
