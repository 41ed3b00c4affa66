-- generators have nothing of JavaScript's that a guest could reach
-- expect: done
local names = {'next', 'return', 'throw', 'constructor', '__proto__', 'prototype', 'frame', 'body', 'status', 'resumer', 'globals', 'g', 'm', '$g', '$m', 'arr', 'hash', 'mt'}
local co = coroutine.create(function(...) return coroutine.yield(...) end)
local function body() return co end
for _, value in ipairs{co, body, coroutine.yield, coroutine.wrap(body), coroutine.resume} do
    for _, name in ipairs(names) do assert(not pcall(function() return value[name] end), name) end
    assert(not pcall(function() return value.g end) and not pcall(function() return value.m end) and not pcall(function() return value.body end))
    assert(not pcall(function() return value.frame end) and not pcall(function() return value:next() end))
end
local yield, await, function_, generator = 1, 2, 3, 4
local ok, a, b = coroutine.resume(co, yield, await)
assert(ok and a == 1 and b == 2 and coroutine.status(co) == 'suspended')
ok, a = coroutine.resume(co, generator)
assert(ok and a == 4 and coroutine.status(co) == 'dead')
print('done')
