-- mutual tail calls through methods, varargs and metatables come back with all results
-- expect: lives
local t = {}
local called = setmetatable({}, {__call = function(_, n, ...) return t:even(n, ...) end})
function t:even(n, ...) if n == 0 then return 'even', ... end return self:odd(n - 1, ...) end
function t:odd(n, ...) if n == 0 then return 'odd', ... end if n % 7 == 0 then return called(n - 1, ...) end return t.even(t, n - 1, ...) end
function process_message()
    local a, b, c, d = t:even(9000, 1, 2, 3)
    assert((a == 'even' or a == 'odd') and b == 1 and c == 2 and d == 3)
    local list = {t:even(99)}
    assert(#list == 1)
    assert(select('#', t:even(250, nil, nil)) == 3)
    assert((t:even(101, 5)) and ({t:even(201, 5)})[2] == 5)
    return 0
end
