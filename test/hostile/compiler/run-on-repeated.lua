-- nothing runs on after a limit has struck: repeated
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string' require 'table'
local function ranOn() inject_message({Type = 'ran-on'}) end
local function spin() while true do end end
function process_message()
    pcall(function() pcall(string.rep, "x", 2 ^ 30) end)
    ranOn()
    pcall(ranOn)
    return 0
end
