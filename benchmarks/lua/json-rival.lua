-- Decodes or encodes a document as benchmarks/json.ts does in a sandbox, and writes a line before each round and one with
-- the bytes after it; whoever reads them looks at the clock. arguments: file, "decode" or "encode", count, rounds
local cjson = require "cjson"
local file = assert(io.open(arg[1], "rb"))
local document = file:read("*a")
file:close()
local work = cjson[arg[2]]
local subject = arg[2] == "decode" and document or cjson.decode(document)
for _ = 1, tonumber(arg[4]) do
    io.write("begin\n")
    io.flush()
    for _ = 1, tonumber(arg[3]) do work(subject) end
    io.write(#document, "\n")
    io.flush()
end
