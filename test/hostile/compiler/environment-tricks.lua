-- functions asked for their environment do not run
-- expect: lives
local ran = 0
function process_message()
    local t = setmetatable({}, {__index = function() ran = ran + 1 end, __newindex = function() ran = ran + 1 end, __call = function() ran = ran + 1 end})
    local function f(a, b, ...) ran = ran + 1 x = 1 local t = {...} while true do end return getfenv(1), arg end
    local function g(...) ran = ran + 1 return arg end
    for i = 1, 50 do
        assert(getfenv(f) == _G or getfenv(f) == t)
        setfenv(f, t)
        setfenv(g, t)
        assert(getfenv(f) == t and getfenv(g) == t)
        assert(not pcall(getfenv, t))
        setfenv(f, _G)
    end
    assert(ran == 0)
    return 0
end
