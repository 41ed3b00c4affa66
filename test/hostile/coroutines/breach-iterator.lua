-- a limit that strikes in a coroutine used as an iterator ends the program
-- expect: limit instruction_limit
local function items() for i = 1, 3 do coroutine.yield(i) end while true do end end
pcall(function() for i in coroutine.wrap(items) do end print('ran on') end)
print('ran on')
