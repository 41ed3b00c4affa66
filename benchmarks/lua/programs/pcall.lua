-- Protected calls: of every twelve ten return and two raise, one a text with position, one a table.
local pcall, error = pcall, error

local function check(i)
    local kind = i % 12
    if kind == 5 then
        error("record " .. i .. " is wrong")
    elseif kind == 11 then
        error({code = i})
    end
    return i % 7, kind
end

local function guarded(i)
    local ok, value, kind = pcall(check, i)
    if ok then
        return value + kind
    elseif type(value) == "table" then
        return value.code % 5
    end
    return #value:match("record.*$")
end

return function(n)
    local sum = 0
    for i = 1, n do
        sum = sum + guarded(i)
    end
    return sum
end
