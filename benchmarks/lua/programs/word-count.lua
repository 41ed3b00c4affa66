-- Words of a text counted in a table: fresh substrings as keys.
local words = {"message", "filter", "sandbox", "matcher", "router", "decoder", "isolate", "batch", "output", "shard"}
local sentences = {}
for i = 1, 200 do
    sentences[i] = words[1 + i % 10] .. " " .. words[1 + (i * 7) % 10] .. i % 31 .. " " .. words[1 + (i * 3) % 10]
        .. " and " .. words[1 + (i * i) % 10] .. i % 7
end
local text = table.concat(sentences, "\n")

return function(n)
    local sum = 0
    for _ = 1, n do
        local counts, distinct = {}, 0
        for word in text:gmatch("%a%w*") do
            local count = counts[word]
            if count then
                counts[word] = count + 1
            else
                counts[word] = 1
                distinct = distinct + 1
            end
        end
        for word, count in pairs(counts) do
            sum = sum + count * #word
        end
        sum = sum + distinct
    end
    return sum
end
