-- coroutines that are dropped half way are garbage, and paid for
-- expect: limit instruction_limit
while true do coroutine.wrap(function() coroutine.yield() end)() end
