-- a yield far down a coroutine is paid for by its depth
-- expect: limit instruction_limit
local co = coroutine.wrap(function()
    local function r(n)
        if n == 0 then while true do coroutine.yield(1) end end
        r(n - 1)
        return 1
    end
    r(500)
end)
while true do co() end
