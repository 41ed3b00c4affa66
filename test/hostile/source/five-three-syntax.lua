-- operators of later Lua versions do not compile
-- expect: lives
function process_message()
    for _, source in ipairs{'return 1 // 2', 'return 1 & 2', 'return 1 | 2', 'return ~1', 'return 1 << 2', 'return 1 >> 2', '::label::', 'goto label', 'return 1 ~ 2'} do
        assert(loadstring(source) == nil, source)
    end
    return 0
end
