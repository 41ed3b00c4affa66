-- Runs one program of benchmarks/lua/programs several times and writes a line before each iteration and one with its
-- checksum after it; whoever reads them looks at the clock. arguments: file, argument of the program, iterations
local file, argument, iterations = arg[1], tonumber(arg[2]), tonumber(arg[3])
local program = dofile(file)
for _ = 1, iterations do
    io.write("begin\n")
    io.flush()
    local checksum = program(argument)
    io.write(tostring(checksum), "\n")
    io.flush()
end
