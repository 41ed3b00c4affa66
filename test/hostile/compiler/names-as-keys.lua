-- JavaScript's names and the engine's are plain keys of tables
-- expect: lives
local names = {'__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'arguments', 'eval',
    'this', 'globalThis', 'Function', 'require', 'process', 'caller', 'length', 'name', 'apply', 'call', 'bind',
    '$left', '$count', '$v', '$f0_0_', 'E', 'K', 'g$x', 's$x', 'arr', 'hash', 'mt', 'v', 'undefined', 'NaN', 'Infinity',
    'await', 'yield', 'let', 'g', 'm', '$g', '$m', '', '$', '"', "'", '\\', '*/', '//', '`', '${x}', '\0', '\1', '\2',
    '\0011\002', '\226\128\168', '\r\n', ']]', 'keys', 'map', 'values', 'frame', 'status', 'body'}

function process_message()
    for _, name in ipairs(names) do
        local t = {}
        assert(t[name] == nil and rawget(t, name) == nil and (_G[name] == nil or name == 'require'), name)
        t[name] = 1
        assert(t[name] == 1 and next(t) == name and next(t, name) == nil, name)
        t[name] = nil
        assert(t[name] == nil and next(t) == nil, name)
        assert(#t == 0 and not getmetatable(t), name)
    end
    return 0
end
