-- a limit that strikes inside a coroutine ends the program, whoever resumed it
-- expect: limit instruction_limit
local function spin() while true do end end
local co = coroutine.create(function()
    pcall(function() coroutine.wrap(function() pcall(spin) print('ran on') end)() print('ran on') end)
    print('ran on')
end)
pcall(coroutine.resume, co)
print('ran on')
pcall(coroutine.resume, co)
while true do print('ran on') end
