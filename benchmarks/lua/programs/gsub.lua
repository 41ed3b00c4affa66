-- Substitution with a string, a table, a function and captures.
local gsub = string.gsub

local text = "The quick brown fox, $who, jumps over the lazy dog at $when; cost: 12.50 EUR & <b>bold</b>"
local values = {who = "Renard", when = "noon"}
local entities = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;"}

local function double(digits)
    return tostring(tonumber(digits) * 2)
end

return function(n)
    local sum = 0
    for i = 1, n do
        local filled, fills = gsub(text, "%$(%w+)", values)
        local escaped, escapes = gsub(filled, "[&<>]", entities)
        local doubled = gsub(escaped, "%d+", double)
        local swapped = gsub(doubled, "(%w+) (%w+)", "%2 %1")
        local trimmed = gsub("   " .. swapped .. "  ", "^%s*(.-)%s*$", "%1")
        local dots, count = gsub(trimmed, "%w", ".", 10 + i % 20)
        sum = sum + fills + escapes + count + #trimmed + #dots + swapped:byte(1 + i % #swapped)
    end
    return sum
end
