-- Numeric filter: rings of floats, moving mean, variance and a correlation over global variables.
local SIZE = 120

rows = {}
for column = 1, 4 do
    local row = {}
    for i = 1, SIZE do
        row[i] = (i * column * 7919) % 101 / 8
    end
    rows[column] = row
end
position = 0

function add(value)
    position = position % SIZE + 1
    for column = 1, 4 do
        rows[column][position] = value * column / 3 + position
    end
end

local function mean_and_variance(row)
    local mean, squares = 0, 0
    for i = 1, SIZE do
        local delta = row[i] - mean
        mean = mean + delta / i
        squares = squares + delta * (row[i] - mean)
    end
    return mean, squares / (SIZE - 1)
end

local function covariance(a, b)
    local sum_a, sum_b, products = 0, 0, 0
    for i = 1, SIZE do
        sum_a = sum_a + a[i]
        sum_b = sum_b + b[i]
        products = products + a[i] * b[i]
    end
    return (products - sum_a * sum_b / SIZE) / SIZE
end

return function(n)
    local sum = 0
    for i = 1, n do
        add(i % 50 + 0.5)
        local mean, variance = mean_and_variance(rows[1 + i % 4])
        sum = sum + mean + math.sqrt(variance) + covariance(rows[1], rows[1 + i % 3]) / 1000
    end
    return string.format("%.6f", sum)
end
