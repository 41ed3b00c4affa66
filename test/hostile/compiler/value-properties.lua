-- numbers, booleans and nil have no fields
-- expect: lives
require 'string'
local names = {'__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'arguments', 'eval',
    'this', 'globalThis', 'Function', 'require', 'process', 'caller', 'length', 'name', 'apply', 'call', 'bind',
    '$left', '$count', '$v', '$f0_0_', 'E', 'K', 'g$x', 's$x', 'arr', 'hash', 'mt', 'v', 'undefined', 'NaN', 'Infinity',
    'await', 'yield', 'let', 'g', 'm', '$g', '$m', '', '$', '"', "'", '\\', '*/', '//', '`', '${x}', '\0', '\1', '\2',
    '\0011\002', '\226\128\168', '\r\n', ']]', 'keys', 'map', 'values', 'frame', 'status', 'body'}

function process_message()
    for _, value in ipairs{1, 0 / 0, 1 / 0, true, false} do
        for _, name in ipairs(names) do
            assert(not pcall(function() return value[name] end), name)
            assert(not pcall(function() value[name] = 1 end), name)
        end
        assert(not pcall(function() return value.constructor end) and not pcall(function() return value.arr end))
        assert(not pcall(function() return value[1] end) and not pcall(function() return value.__proto__.x end))
    end
    local none
    assert(not pcall(function() return none.constructor end) and not pcall(function() none.x = 1 end))
    assert(not pcall(function() return none[1] end))
    return 0
end
