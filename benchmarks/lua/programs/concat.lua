-- Strings grown by the concatenation operator, and joined from tables.
local concat = table.concat

return function(n)
    local sum = 0
    for i = 1, n do
        local text = ""
        for k = 1, 200 do
            text = text .. "item " .. k .. ", "
        end
        local parts = {}
        for k = 1, 200 do
            parts[#parts + 1] = "field" .. (k % 17)
        end
        local joined = concat(parts, ";", 1 + i % 3)
        sum = sum + #text + #joined + text:byte(1 + i % #text) + joined:byte(-1)
    end
    return sum
end
