-- the stack ends inside coroutines as an ordinary error
-- expect: done
local function f() return 1 + f() end
for i = 1, 8 do
    local co = coroutine.create(function() return f() end)
    local ok, text = coroutine.resume(co)
    assert(not ok and text:find('stack overflow', 1, true), text)
    assert(coroutine.status(co) == 'dead')
end
local function g(n) coroutine.yield(n) return 1 + g(n + 1) end
local co, last = coroutine.wrap(function() return g(1) end), 0
for i = 1, 200 do assert(co() == i) end
local main = coroutine.create(function() return (string.gsub('x', 'x', f)) end)
assert(not coroutine.resume(main) and coroutine.running() == nil)
print('done')
