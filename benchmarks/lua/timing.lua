-- Runs one program of benchmarks/lua/programs several times and prints, per iteration, milliseconds of processor time and
-- the checksum. arguments: file, argument of the program, iterations
local file, argument, iterations = arg[1], tonumber(arg[2]), tonumber(arg[3])
local program = dofile(file)
for _ = 1, iterations do
    local started = os.clock()
    local checksum = program(argument)
    local took = (os.clock() - started) * 1000
    io.write(string.format("%.6f %s\n", took, tostring(checksum)))
end
