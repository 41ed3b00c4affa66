-- endless recursion is caught like any error and can be lived with
-- expect: lives
local function f() return 1 + f() end
function process_message()
    local ok, text = pcall(f)
    assert(not ok)
    assert(type(text) == 'string')
    return 0
end
