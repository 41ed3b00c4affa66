-- a changed environment of process_message is its own
-- expect: lives
local env = setmetatable({}, {__index = _G})
function process_message()
    x = 1
    assert(_G.x == nil)
    return 0
end
setfenv(process_message, env)
