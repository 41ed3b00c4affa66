-- Numbers to text and back: string.format, tostring and tonumber.
local format = string.format

return function(n)
    local sum = 0
    for i = 1, n do
        local line = format("%d %5.2f %s %x [%-8s] %03d", i, i / 7, "name", i, "left", i % 1000)
        local half = tostring(i / 2)
        local whole = tostring(i)
        local small = format("%g", i / 1e6)
        local quoted = format("%q", "a \"b\" \\ " .. whole)
        sum = sum + #line + #half + #whole + #small + #quoted + tonumber(half) + line:byte(1 + i % #line)
    end
    return sum
end
