-- a table with ten thousand fields is walked over and cleared
-- expect: lives
-- instructions: 100000000
require 'string' require 'table'
local parts = {}
for i = 1, 10000 do parts[i] = 't.f' .. i .. '=' .. i end
local fill = assert(loadstring('local t = ... ' .. table.concat(parts, ' ')))
parts = nil
local calls = 0
function process_message()
    calls = calls + 1
    if calls > 3 then return 0 end
    local t = {}
    fill(t)
    local n, sum = 0, 0
    for key, value in pairs(t) do
        n, sum = n + 1, sum + value
        assert(key == 'f' .. value)
    end
    assert(n == 10000 and sum == 50005000)
    for i = 1, 10000, 2 do t['f' .. i] = nil end
    n = 0
    for _ in pairs(t) do n = n + 1 end
    assert(n == 5000 and ({}).f1 == nil)
    return 0
end
