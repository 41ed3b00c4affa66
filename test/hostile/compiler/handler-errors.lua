-- errors in the handlers of errors end as one
-- expect: lives
local depth = 0
local function handler(e)
    depth = depth + 1
    if depth < 150 then return select(2, xpcall(error, handler)) end
    error(e)
end
function process_message()
    depth = 0
    local ok, value = xpcall(error, handler)
    assert(not ok)
    ok, value = xpcall(error, error)
    assert(not ok)
    ok, value = xpcall(error, nil)
    assert(not ok)
    ok, value = xpcall(error, {})
    assert(not ok)
    ok, value = xpcall(function() local function f() return 1 + f() end return f() end, function() local function g() return 1 + g() end return g() end)
    assert(not ok)
    return 0
end
