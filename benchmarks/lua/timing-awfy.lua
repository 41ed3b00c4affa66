-- Runs one program of are-we-fast-yet several times and prints, per iteration, milliseconds of processor time and that
-- the result was the one expected. Wants the suite's files in the working folder. arguments: name, inner iterations, iterations
local name, inner, iterations = arg[1], tonumber(arg[2]), tonumber(arg[3])
local benchmark = require(name)
for _ = 1, iterations do
    local started = os.clock()
    assert(benchmark:inner_benchmark_loop(inner), "wrong result")
    local took = (os.clock() - started) * 1000
    io.write(string.format("%.6f right\n", took))
end
