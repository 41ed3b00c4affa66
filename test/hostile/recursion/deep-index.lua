-- a long chain of __index tables is contained
-- expect: lives
local t = {}
for i = 1, 20000 do t = setmetatable({}, {__index = t}) end
function process_message()
    local ok, value = pcall(function() return t.nothing end)
    assert(not ok or value == nil)
    return 0
end
