-- names that equal emitted ones mean what they say
-- expect: lives
local a1, a2, a_1, v1, f0_0_, g_x = 1, 2, 3, 4, 5, 6
local function f1_2_f() return a1 end
local function T0() return 'T0' end
local t = {f0 = 1, a = 2, T0 = T0, left = 3, bytes = 4, count = 5, second = 6, all = 7, tail = 8}
function process_message()
    local tc, va, e0, e1, count, left = 1, 2, 3, 4, 5, 6
    local function f(a, ...) local va, tc = ... return a, va, tc, count, left end
    local a, b, c, d, e = f(1, 2, 3)
    assert(a == 1 and b == 2 and c == 3 and d == 5 and e == 6 and tc == 1 and e0 + e1 == 7)
    assert(a1 + a2 + a_1 + v1 + f0_0_ + g_x == 21 and f1_2_f() == 1 and t.T0() == 'T0')
    assert(t.f0 + t.a + t.left + t.bytes + t.count + t.second + t.all + t.tail == 36)
    return 0
end
