-- Product of square matrices: rows as tables of floats.
local function make(size, seed)
    local rows = {}
    for i = 1, size do
        local row = {}
        for k = 1, size do
            row[k] = (i * seed + k * 3) % 17 / 4
        end
        rows[i] = row
    end
    return rows
end

local function multiply(a, b, size)
    local product = {}
    for i = 1, size do
        local left, row = a[i], {}
        for k = 1, size do
            local sum = 0
            for m = 1, size do
                sum = sum + left[m] * b[m][k]
            end
            row[k] = sum
        end
        product[i] = row
    end
    return product
end

return function(size)
    local product = multiply(make(size, 5), make(size, 7), size)
    local trace = 0
    for i = 1, size do
        trace = trace + product[i][i] + product[i][size + 1 - i]
    end
    return trace
end
