-- tables are whole after the stack ends anywhere in their operations
-- expect: lives
-- instructions: 10000000
local function check(t)
    local count, again = 0, 0
    for key, value in pairs(t) do
        count = count + 1
        assert(t[key] == value)
    end
    local key, value = next(t)
    while key ~= nil do
        again = again + 1
        assert(rawget(t, key) == value)
        key, value = next(t, key)
    end
    local length = #t
    assert(count == again and t[length + 1] == nil and (length == 0 or t[length] ~= nil))
end
local round, deepest = 0, 0
local function probe(n) deepest = n return 1 + probe(n + 1) end
function process_message()
    round = round + 1
    pcall(probe, 1)
    local t, n = {}, 0
    local function f(a)
        n = n + 1
        t[n] = n t['k' .. n] = n t[-n] = n t[n + 0.5] = n t.x = n
        if n % 3 == 0 then t[n - 1] = nil t['k' .. (n - 2)] = nil end
        return 1 + f(a)
    end
    -- Near the end of the stack, so that it ends somewhere else each time.
    local function shift(i) if i == 0 then return 1 + f(1) end return 1 + shift(i - 1) end
    assert(not pcall(shift, deepest - 1500 - round))
    assert(n > 0)
    check(t)
    for i = 1, 50 do t[#t + 1] = i t['x' .. i] = i end
    check(t)
    return 0
end
