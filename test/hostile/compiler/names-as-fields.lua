-- JavaScript's names as fields in the source are plain fields
-- expect: lives
local function check(t)
    assert(t.__proto__ == nil and t.constructor == nil and t.prototype == nil and t.toString == nil and t.valueOf == nil)
    assert(t.hasOwnProperty == nil and t.__defineGetter__ == nil and t.arguments == nil and t.caller == nil and t.eval == nil)
    assert(t.arr == nil and t.hash == nil and t.mt == nil and t.v == nil and t.g == nil and t.m == nil and t.length == nil)
    assert(t.keys == nil and t.map == nil and t.values == nil and t.dead == nil and t.name == nil)
end
function process_message()
    check({})
    check(_G)
    check(setmetatable({}, {__index = {}}))
    local t = {__proto__ = 1, constructor = 2, prototype = 3, arr = 4, hash = 5, mt = 6, toString = 7, valueOf = 8, length = 9}
    assert(t.__proto__ == 1 and t.constructor == 2 and t.prototype == 3 and t.arr == 4 and t.hash == 5 and t.mt == 6)
    assert(t.toString == 7 and t.valueOf == 8 and t.length == 9 and #t == 0 and t[1] == nil)
    local count = 0
    for key in pairs(t) do count = count + 1 end
    assert(count == 9)
    t.__proto__, t.arr, t.hash, t.mt = {}, {1, 2, 3}, {x = 1}, {__index = {y = 1}}
    assert(#t == 0 and t.x == nil and t.y == nil and t[1] == nil)
    check({})
    return 0
end
