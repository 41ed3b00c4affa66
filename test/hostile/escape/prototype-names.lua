-- JavaScript's own names are plain keys
-- expect: lives
function process_message()
    local t = {}
    for _, name in ipairs{'__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', '__defineGetter__', 'caller', 'arguments', 'length'} do
        assert(t[name] == nil, name)
        assert(_G[name] == nil, name)
        t[name] = name
        assert(t[name] == name, name)
        assert(({})[name] == nil, name)
        assert(read_config(name) == nil, name)
        assert(read_message('Fields[' .. name .. ']') == nil, name)
        assert(read_message(name) == nil, name)
    end
    return 0
end
