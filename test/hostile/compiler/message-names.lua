-- messages with the names of JavaScript as fields are written, and none changes anything
-- expect: lives
local names = {'__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'arguments', 'eval',
    'this', 'globalThis', 'Function', 'require', 'process', 'caller', 'length', 'name', 'apply', 'call', 'bind',
    '$left', '$count', '$v', '$f0_0_', 'E', 'K', 'g$x', 's$x', 'arr', 'hash', 'mt', 'v', 'undefined', 'NaN', 'Infinity',
    'await', 'yield', 'let', 'g', 'm', '$g', '$m', '', '$', '"', "'", '\\', '*/', '//', '`', '${x}', '\0', '\1', '\2',
    '\0011\002', '\226\128\168', '\r\n', ']]', 'keys', 'map', 'values', 'frame', 'status', 'body'}

local n = 0
function process_message()
    n = n + 1
    local fields = {}
    for i, name in ipairs(names) do if name ~= '' then fields[name] = {value = name, representation = 'constructor'} end end
    local ok, text = pcall(inject_message, {Type = 'names', Fields = fields, __proto__ = {Type = 'x'}, constructor = 1, toString = print})
    assert(ok or type(text) == 'string')
    for _, name in ipairs(names) do
        assert(read_message('Fields[' .. name .. ']') == nil and read_config(name) == nil, name)
        local fine, value = pcall(read_message, name)
        assert(not fine or value == nil, name)
    end
    assert(({}).Type == nil)
    return 0
end
