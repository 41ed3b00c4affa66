-- metatables and environments with the names of JavaScript bring nothing in
-- expect: lives
local names = {'__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'arguments', 'eval',
    'this', 'globalThis', 'Function', 'require', 'process', 'caller', 'length', 'name', 'apply', 'call', 'bind',
    '$left', '$count', '$v', '$f0_0_', 'E', 'K', 'g$x', 's$x', 'arr', 'hash', 'mt', 'v', 'undefined', 'NaN', 'Infinity',
    'await', 'yield', 'let', 'g', 'm', '$g', '$m', '', '$', '"', "'", '\\', '*/', '//', '`', '${x}', '\0', '\1', '\2',
    '\0011\002', '\226\128\168', '\r\n', ']]', 'keys', 'map', 'values', 'frame', 'status', 'body'}

function process_message()
    for _, name in ipairs(names) do
        local t = setmetatable({}, {[name] = function() error('called') end})
        assert(t[name] == nil and t.x == nil and #t == 0 and not pcall(function() return t + 1 end), name)
        t = setmetatable({}, {__index = {[name] = name}})
        assert(t[name] == name and rawget(t, name) == nil, name)
        t = setmetatable({}, {__index = function(_, key) return key end, __newindex = function(u, key, v) rawset(u, key, v) end})
        assert(t[name] == name, name)
        t[name] = 5
        assert(t[name] == 5, name)
        local f = setfenv(assert(loadstring('return x, __proto__, constructor, arr')), {[name] = name})
        local x, proto, constructor, arr = f()
        assert(x == nil and (proto == nil or name == '__proto__') and (constructor == nil or name == 'constructor'))
        assert(arr == nil or name == 'arr')
    end
    return 0
end
