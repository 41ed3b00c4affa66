-- next after a key that is not there is an ordinary error
-- expect: lives
function process_message()
    assert(not pcall(next, {}, 'nothing'))
    assert(not pcall(next, {a = 1}, -1))
    assert(not pcall(next, {1, 2}, 0.5))
    local t = {}
    for i = 1, 100 do t[i] = i end
    for k in pairs(t) do t[k] = nil end
    assert(next(t) == nil)
    return 0
end
