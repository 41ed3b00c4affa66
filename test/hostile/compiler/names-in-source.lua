-- what is no name of Lua is none of JavaScript either
-- expect: lives
function process_message()
    for _, name in ipairs{'$', '$left', 'a$1', '$f0_0_', '\\u0061', 'a\1', 'a\0021', '\195\164', 'a\0b', '`', '@', '#!', 'a\226\128\168b', 'a"b'} do
        assert(loadstring('local ' .. name .. ' = 1') == nil, name)
        assert(loadstring(name .. ' = 1') == nil, name)
        assert(loadstring('return t.' .. name) == nil, name)
        assert(loadstring('t = {' .. name .. ' = 1}') == nil, name)
        assert(loadstring('function ' .. name .. '() end') == nil, name)
    end
    return 0
end
