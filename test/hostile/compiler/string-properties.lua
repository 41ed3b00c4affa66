-- strings have the string library's functions and nothing of JavaScript's
-- expect: lives
local names = {'__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'arguments', 'eval',
    'this', 'globalThis', 'Function', 'require', 'process', 'caller', 'length', 'name', 'apply', 'call', 'bind',
    '$left', '$count', '$v', '$f0_0_', 'E', 'K', 'g$x', 's$x', 'arr', 'hash', 'mt', 'v', 'undefined', 'NaN', 'Infinity',
    'await', 'yield', 'let', 'g', 'm', '$g', '$m', '', '$', '"', "'", '\\', '*/', '//', '`', '${x}', '\0', '\1', '\2',
    '\0011\002', '\226\128\168', '\r\n', ']]', 'keys', 'map', 'values', 'frame', 'status', 'body'}

require 'string'
function process_message()
    local text = 'text'
    for _, name in ipairs(names) do
        local ok, value = pcall(function() return text[name] end)
        assert(not ok or value == nil, name)
        assert(not pcall(function() text[name] = 1 end), name)
    end
    local mt = getmetatable('')
    if mt then assert(type(mt) ~= 'table' or mt.constructor == nil) end
    assert(not pcall(setmetatable, '', {}))
    return 0
end
