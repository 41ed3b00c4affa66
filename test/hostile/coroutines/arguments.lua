-- thousands of arguments and results pass through coroutines, paid for
-- expect: limit instruction_limit
local list = {}
for i = 1, 7000 do list[i] = i end
local co = coroutine.wrap(function(...) local n = select('#', ...) while true do n = select('#', coroutine.yield(unpack(list))) assert(n == 7000) end end)
co(unpack(list))
while true do co(unpack(list)) end
