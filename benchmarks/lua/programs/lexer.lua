-- A hand-written lexer: byte by byte, with substrings for tokens and a keyword table.
local byte, sub = string.byte, string.sub

local source = [[
local count, limit = 0, 1000
function process_message()
    local status = read_message("Fields[status]")
    if status >= 500 and count < limit then -- too many
        count = count + 1.25e2
        totals[status] = (totals[status] or 0) + 0x1F
    elseif status ~= 200 then
        return -1, "unexpected: \"" .. status .. "\""
    end
    return 0
end
]]

local keywords = {}
for word in ("and break do else elseif end false for function if in local nil not or repeat return then true until while"):gmatch("%a+") do
    keywords[word] = true
end

local function is_letter(c)
    return c >= 97 and c <= 122 or c >= 65 and c <= 90 or c == 95
end

local function is_digit(c)
    return c >= 48 and c <= 57
end

local function lex(text)
    local at, length = 1, #text
    local kinds, tokens, count = {}, {}, 0
    while at <= length do
        local c = byte(text, at)
        local start, kind = at, nil
        if c == 32 or c == 10 or c == 9 then
            at = at + 1
        elseif is_letter(c) then
            repeat
                at = at + 1
                c = byte(text, at)
            until not c or not (is_letter(c) or is_digit(c))
            kind = keywords[sub(text, start, at - 1)] and "keyword" or "name"
        elseif is_digit(c) then
            repeat
                at = at + 1
                c = byte(text, at)
            until not c or not (is_letter(c) or is_digit(c) or c == 46)
            kind = "number"
        elseif c == 34 then
            repeat
                at = at + (c == 92 and 2 or 1)
                c = byte(text, at)
            until c == 34
            at = at + 1
            kind = "string"
        elseif c == 45 and byte(text, at + 1) == 45 then
            repeat
                at = at + 1
            until byte(text, at) == 10
        else
            local after = byte(text, at + 1)
            local two = after == 61 and (c == 126 or c == 60 or c == 62 or c == 61) or c == 46 and after == 46
            at = at + (two and 2 or 1)
            kind = "symbol"
        end
        if kind then
            count = count + 1
            kinds[count], tokens[count] = kind, sub(text, start, at - 1)
        end
    end
    return kinds, tokens, count
end

return function(n)
    local sum = 0
    for i = 1, n do
        local kinds, tokens, count = lex(source)
        sum = sum + count + #tokens[1 + i % count] + #kinds[1 + i % count]
    end
    return sum
end
