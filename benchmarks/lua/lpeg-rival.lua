-- Runs one program of benchmarks/lua/lpeg with LPeg in C, and writes a line before each round and one with the checksum after it;
-- whoever reads them looks at the clock. arguments: file, argument of the program, rounds, folder of the modules in Lua
local folder = arg[4]
package.path = folder .. "/?.lua;" .. package.path
lpeg = require "lpeg"
local program = dofile(arg[1])
for _ = 1, tonumber(arg[3]) do
    io.write("begin\n")
    io.flush()
    local checksum = program(tonumber(arg[2]))
    io.write(tostring(checksum), "\n")
    io.flush()
end
