-- table.sort of numbers and strings, with and without an order of one's own.
local sort = table.sort

return function(n)
    local seed = 42
    local function random()
        seed = (seed * 1103515245 + 12345) % 2147483648
        return seed
    end
    local numbers, names, records = {}, {}, {}
    for i = 1, n do
        numbers[i] = random() % 100000
        names[i] = "key" .. random() % 5000
        records[i] = {rank = random() % 1000, id = i}
    end
    sort(numbers)
    sort(names)
    sort(records, function(a, b)
        if a.rank ~= b.rank then
            return a.rank > b.rank
        end
        return a.id < b.id
    end)
    local sum = 0
    for i = 1, n, 7 do
        sum = sum + i * numbers[i] + #names[i] + names[i]:byte(-1) + records[i].id % 100 * i
    end
    return sum
end
