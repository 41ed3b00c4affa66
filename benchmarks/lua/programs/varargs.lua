-- Variable arguments: select, unpack, forwarding, constructors and several results.
local select, unpack = select, unpack

local function total(...)
    local sum = 0
    for i = 1, select("#", ...) do
        sum = sum + (select(i, ...))
    end
    return sum
end

local function pack(...)
    return {n = select("#", ...), ...}
end

local function rotate(first, ...)
    return select("#", ...), first, ...
end

local function forward(f, ...)
    return f(...)
end

local function bounds(list)
    local low, high = list[1], list[1]
    for i = 2, #list do
        local value = list[i]
        if value < low then low = value elseif value > high then high = value end
    end
    return low, high
end

return function(n)
    local sum = 0
    for i = 1, n do
        sum = sum + total(i, 2, 3, i % 5, 5)
        local packed = pack(i, nil, i + 1, nil)
        sum = sum + packed.n
        local low, high = bounds({i % 7, i % 11, i % 13, 4})
        sum = sum + high - low
        local count, a, b, c = forward(rotate, low, high, i)
        sum = sum + count + a + b + c
        sum = sum + total(unpack({1, 2, 3, i % 3}))
        sum = sum + math.max(unpack({a, b, 3}, 1, 3))
    end
    return sum
end
