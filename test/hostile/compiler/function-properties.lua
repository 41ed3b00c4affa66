-- functions have no fields, whatever the engine keeps on them
-- expect: lives
local names = {'__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'arguments', 'eval',
    'this', 'globalThis', 'Function', 'require', 'process', 'caller', 'length', 'name', 'apply', 'call', 'bind',
    '$left', '$count', '$v', '$f0_0_', 'E', 'K', 'g$x', 's$x', 'arr', 'hash', 'mt', 'v', 'undefined', 'NaN', 'Infinity',
    'await', 'yield', 'let', 'g', 'm', '$g', '$m', '', '$', '"', "'", '\\', '*/', '//', '`', '${x}', '\0', '\1', '\2',
    '\0011\002', '\226\128\168', '\r\n', ']]', 'keys', 'map', 'values', 'frame', 'status', 'body'}

require 'string'
function process_message()
    local function own(...) return own, ... end
    local made = assert(loadstring('local function f() return g() end return f -- coroutine'))()
    for _, f in ipairs{own, made, print, pcall, string.rep, next, read_message, string.gmatch('a', 'a'), process_message} do
        for _, name in ipairs(names) do
            local ok, text = pcall(function() return f[name] end)
            assert(not ok and text:find("attempt to index", 1, true), name)
            assert(not pcall(function() f[name] = 1 end), name)
        end
        assert(not pcall(function() return f.g end) and not pcall(function() return f.m end))
        assert(not pcall(function() return f.constructor end) and not pcall(function() return f.prototype end))
        assert(not pcall(function() return f[1] end) and not pcall(function() return #f end))
    end
    return 0
end
