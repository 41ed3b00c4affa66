-- Functions that take and return functions: map, filter, fold, composition, counters with own upvalues.
local function map(list, f)
    local result = {}
    for i = 1, #list do
        result[i] = f(list[i])
    end
    return result
end

local function filter(list, keep)
    local result = {}
    for i = 1, #list do
        if keep(list[i]) then
            result[#result + 1] = list[i]
        end
    end
    return result
end

local function fold(list, f, value)
    for i = 1, #list do
        value = f(value, list[i])
    end
    return value
end

local function compose(f, g)
    return function(x)
        return f(g(x))
    end
end

local function counter(step)
    local count = 0
    return function()
        count = count + step
        return count
    end
end

return function(n)
    local list = {}
    for i = 1, 300 do
        list[i] = i
    end
    local sum = 0
    for round = 1, n do
        local twice = function(x) return x * 2 end
        local shifted = compose(twice, function(x) return x + round end)
        local even = filter(map(list, shifted), function(x) return x % 4 == 0 end)
        sum = sum + fold(even, function(a, b) return a + b end, 0)
        local next_number = counter(round % 5)
        for _ = 1, 50 do
            sum = sum + next_number()
        end
    end
    return sum
end
