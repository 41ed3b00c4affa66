-- a binary chunk is refused
-- expect: lives
function process_message()
    local chunk, text = loadstring('\27LuaQ\0\1\4\4\4\8\0')
    assert(chunk == nil)
    assert(type(text) == 'string')
    chunk = loadstring('\27Lua')
    assert(chunk == nil)
    return 0
end
