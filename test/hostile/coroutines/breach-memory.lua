-- memory that runs out inside a coroutine ends the program
-- expect: limit not enough memory
local co = coroutine.wrap(function()
    local t = {}
    while true do
        coroutine.yield()
        pcall(function() for i = 1, 1000 do t[#t + 1] = {{}, {}, {}, {}} end end)
    end
end)
while pcall(co) do end
print('ran on')
