-- a stack that ends where a tail call enters leaves nothing wrong behind
-- expect: lives
-- instructions: 100000000
require 'string' require 'table'
local names = {}
for i = 1, 190 do names[i] = 'a' .. i end
local source = 'local k = ... return function(x) local ' .. table.concat(names, ',') .. ' if x then return k() end return 0 end'
local large = assert(loadstring(source))(function() return 'k', 'called' end)
local function chain(n) if n == 0 then return large(false) end return chain(n - 1) end
local round, deepest = 0, 0
local function probe(i) deepest = i return 1 + probe(i + 1) end
local function go() chain(99) return 1 + go() end
local function shift(i) if i == 0 then return 1 + go() end return 1 + shift(i - 1) end
function process_message()
    round = round + 1
    pcall(probe, 1)
    for i = 1, 6 do
        local depth = deepest - 400 - round * 6 - i
        pcall(shift, depth)
        local results = {large(true)}
        assert(#results == 2 and results[1] == 'k' and results[2] == 'called')
        xpcall(function() shift(depth) end, function() return shift(depth) end)
        results = {large(true)}
        assert(#results == 2 and results[1] == 'k' and results[2] == 'called')
    end
    return 0
end
