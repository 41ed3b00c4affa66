-- a coroutine that resumes itself or its resumer, or one that is dead, gets an error
-- expect: done
local one, two
one = coroutine.create(function() return coroutine.resume(one) end)
local ok, inner, text = coroutine.resume(one)
assert(ok and inner == false and text == 'cannot resume running coroutine', text)
two = coroutine.create(function() return coroutine.resume(coroutine.create(function() return coroutine.resume(two) end)) end)
local a, b, c, d = coroutine.resume(two)
assert(a and b and c == false and d == 'cannot resume normal coroutine', d)
assert(select(2, coroutine.resume(two)) == 'cannot resume dead coroutine')
local wrapped
wrapped = coroutine.wrap(function() return pcall(wrapped) end)
assert(wrapped() == false and not pcall(wrapped))
for _, bad in ipairs{1, 'x', {}, print} do assert(not pcall(coroutine.resume, bad) and not pcall(coroutine.status, bad)) end
assert(not pcall(coroutine.create, 1) and not pcall(coroutine.create, {}) and not pcall(coroutine.wrap))
assert(type(one) == 'thread' and not pcall(function() return one.status end) and not pcall(function() one.x = 1 end))
assert(not pcall(function() return one.frame end) and not pcall(function() return #one end) and not pcall(setmetatable, one, {}))
print('done')
