-- Floating point in nested loops, with a function call per element.
local function element(i, k)
    local ik = i + k - 1
    return 1 / (ik * (ik - 1) * 0.5 + i)
end

local function times(x, y, n)
    for i = 1, n do
        local sum = 0
        for k = 1, n do
            sum = sum + x[k] * element(i, k)
        end
        y[i] = sum
    end
end

local function times_transposed(x, y, n)
    for i = 1, n do
        local sum = 0
        for k = 1, n do
            sum = sum + x[k] * element(k, i)
        end
        y[i] = sum
    end
end

return function(n)
    local u, v, t = {}, {}, {}
    for i = 1, n do
        u[i] = 1
    end
    for _ = 1, 10 do
        times(u, t, n)
        times_transposed(t, v, n)
        times(v, t, n)
        times_transposed(t, u, n)
    end
    local uv, vv = 0, 0
    for i = 1, n do
        uv, vv = uv + u[i] * v[i], vv + v[i] * v[i]
    end
    return string.format("%.9f", math.sqrt(uv / vv))
end
