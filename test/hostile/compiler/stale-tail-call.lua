-- a stack that ends where a tail call enters leaves nothing wrong behind
-- expect: lives
-- instructions: 100000000
require 'table'
local names = {}
for i = 1, 190 do names[i] = 'a' .. i end
local large = assert(loadstring('local k = ... return function(x) local ' .. table.concat(names, ',') .. ' if x then return k() end return 0 end'))(
    function() return 'k', 'called' end)
local function chain(n) if n == 0 then return large(false) end return chain(n - 1) end
local n = 0
function process_message()
    n = n + 1
    local function go(i) chain(99) return 1 + go(i + 1) end
    local function shift(i) if i == 0 then return 1 + go(0) end return 1 + shift(i - 1) end
    for handler = 1, 3 do
        if handler == 1 then pcall(shift, n)
        elseif handler == 2 then xpcall(function() shift(n) end, function() return shift(n) end)
        else pcall(pcall, shift, n) end
        local results = {large(true)}
        assert(#results == 2 and results[1] == 'k' and results[2] == 'called')
    end
    return 0
end
