-- a choice of ten thousand cases is compiled or refused
-- expect: lives
-- instructions: 100000000
require 'string'
local n = 0
function process_message()
    n = n + 1
    if n > 1 then return 0 end
    local source = 'local a = 9 if a == 0 then return 0 ' .. ('elseif a == 1 then return 1 '):rep(10000) .. 'end return 2'
    local f, text = loadstring(source, '=chunk')
    assert(f or text:find('chunk has too many syntax levels', 1, true) or text:find('not enough memory', 1, true), text)
    if f then
        local ok, value = pcall(f)
        assert(ok or type(value) == 'string', value)
    end
    return 0
end
