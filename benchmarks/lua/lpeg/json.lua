-- A JSON grammar over a document of 100 kB, to tables. Returns a function that reads it so many times and returns a checksum.
local lpeg = require "lpeg"
local string = require "string"
local table = require "table"
local P, R, S, V, C, Cc, Cf, Cg, Cs, Ct =
    lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Cs, lpeg.Ct

local space = S" \t\r\n"^0
local digit, hex = R"09", R("09", "af", "AF")
local escapes = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ["/"] = "/", ['"'] = '"', ["\\"] = "\\"}
local function character(digits)
    return string.char(tonumber(digits, 16) % 256)
end
local escaped = "\\" * (S'bfnrt/"\\' / escapes + "u" * C(hex * hex * hex * hex) / character)
local plain = '"' * C((1 - S'"\\')^0) * '"'
local text = plain + '"' * Cs(((1 - S'"\\')^1 + escaped)^0) * '"'
local number = P"-"^-1 * ("0" + R"19" * digit^0) * ("." * digit^1)^-1 * (S"eE" * S"+-"^-1 * digit^1)^-1 / tonumber
local comma = space * "," * space

local grammar = P{ "document",
    document = space * V"value" * space * -1,
    value = V"object" + V"array" + text + number + P"true" * Cc(true) + P"false" * Cc(false) + P"null" * Cc(nil),
    object = "{" * space * Cf(Ct"" * (V"pair" * (comma * V"pair")^0)^-1, rawset) * space * "}",
    pair = Cg(text * space * ":" * space * V"value"),
    array = "[" * space * Ct((V"value" * (comma * V"value")^0)^-1) * space * "]",
}

local words = {"request", "timeout", "upstream", "connection", "refused", "accepted", "session", "queue"}
local events = {}
for i = 1, 310 do
    local word = words[i % #words + 1]
    events[i] = string.format([[{"timestamp": %d, "id": "a%x", "host": "web-%d.example.com", "status": %d,
  "bytes": %d, "request_time": %.3f, "ok": %s, "message": "%s by %s with \"%s\"\n",
  "path": "/api/v1/%s/%d", "tags": ["%s", "%s"], "geo": {"lat": %.2f, "lon": -%.2f, "country": "DE"},
  "headers": {"agent": "Mozilla/5.0 (X11; Linux x86_64)", "accept": "*/*"}}]],
        1700000000 + i * 137, i * 7919, i % 20, i % 5 * 100 + 100, i * 37 % 100000, i * 1.37, tostring(i % 3 > 0),
        word, words[i % 3 + 1], word, word, i, word, words[i % 5 + 1], i / 7, i / 3)
end
local document = "[" .. table.concat(events, ",\n") .. "]"

return function(count)
    local sum = 0
    for _ = 1, count do
        local read = grammar:match(document)
        sum = sum + #document + #read + read[17].request_time + #read[300].message + read[100].geo.lat
    end
    return sum
end
