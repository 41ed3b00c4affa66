-- Coroutines as generators, as a pipeline and with values passed both ways.
local wrap, create, resume, yield = coroutine.wrap, coroutine.create, coroutine.resume, coroutine.yield

local function range(n)
    return wrap(function()
        for i = 1, n do
            yield(i)
        end
    end)
end

local function walk(tree)
    if tree then
        walk(tree.left)
        yield(tree.value)
        walk(tree.right)
    end
end

local function tree(low, high)
    if low > high then
        return nil
    end
    local middle = math.floor((low + high) / 2)
    return {value = middle, left = tree(low, middle - 1), right = tree(middle + 1, high)}
end

local function keep(source, test)
    return wrap(function()
        for value in source do
            if test(value) then
                yield(value)
            end
        end
    end)
end

local function accumulator()
    local sum = 0
    while true do
        sum = sum + yield(sum)
    end
end

return function(n)
    local sum = 0
    local root = tree(1, 63)
    for round = 1, n do
        for value in keep(range(60), function(v) return v % 3 == 0 end) do
            sum = sum + value
        end
        for value in wrap(function() walk(root) end) do
            sum = sum + value * round % 5
        end
        local adder = create(accumulator)
        resume(adder)
        for i = 1, 40 do
            local _, total = resume(adder, i)
            sum = sum + total
        end
    end
    return sum
end
