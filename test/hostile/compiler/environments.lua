-- environments are tables of the guest, and those of the host are not theirs
-- expect: lives
function process_message()
    for _, f in ipairs{print, pcall, read_message, getfenv, setfenv, next} do
        local env = getfenv(f)
        assert(env == _G and env.constructor == nil and env.process == nil)
        assert(not pcall(setfenv, f, {}))
    end
    assert(getfenv(0) == _G and getfenv(1) == _G and getfenv(process_message) == _G)
    for _, bad in ipairs{-1, 1e9, 2 ^ 31, 2 ^ 53, -1e300, 1 / 0, 'x', {}, true, '__proto__'} do
        assert(not pcall(getfenv, bad) and not pcall(setfenv, bad, {}), tostring(bad))
    end
    assert(not pcall(setfenv, 1, nil) and not pcall(setfenv, 1, 'x') and not pcall(setfenv, 1))
    local function inner() return x, __proto__, constructor, Function end
    setfenv(inner, setmetatable({}, {__index = function(_, key) return key end}))
    local x, proto, constructor, Function = inner()
    assert(x == 'x' and proto == '__proto__' and constructor == 'constructor' and Function == 'Function')
    local alone = setfenv(function() y = 1 return getfenv and 1 end, {})
    assert(alone() == nil and y == nil and getfenv(alone).y == 1)
    setfenv(0, {})
    assert(getfenv(process_message) == _G)
    setfenv(0, _G)
    return 0
end
