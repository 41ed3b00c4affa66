-- a message handler that fails in itself is ended
-- expect: lives
local function h() error('again') end
local function deep() xpcall(function() error('x') end, deep) end
function process_message()
    local ok = xpcall(function() error('first') end, h)
    assert(not ok)
    pcall(deep)
    return 0
end
