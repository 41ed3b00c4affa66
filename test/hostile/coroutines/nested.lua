-- coroutines inside of coroutines end as errors where PUC's do, two hundred deep
-- expect: done
local function deep(n)
    if n == 0 then return 'end' end
    return coroutine.wrap(function() return deep(n - 1) end)()
end
assert(select(2, pcall(deep, 150)) == 'end')
local ok, text = pcall(deep, 500)
assert(not ok and text:find('C stack overflow', 1, true), text)
local depth = 0
local function nest() depth = depth + 1 return coroutine.resume(coroutine.create(nest)) end
nest()
assert(depth > 150 and depth < 250, depth)
assert(coroutine.running() == nil and deep(100) == 'end')
print('done')
