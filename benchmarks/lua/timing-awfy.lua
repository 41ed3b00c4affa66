-- Runs one program of are-we-fast-yet several times and writes a line before and after each iteration; whoever reads them
-- looks at the clock. Wants the suite's files in the working folder. arguments: name, inner iterations, iterations
local name, inner, iterations = arg[1], tonumber(arg[2]), tonumber(arg[3])
local benchmark = require(name)
for _ = 1, iterations do
    io.write("begin\n")
    io.flush()
    assert(benchmark:inner_benchmark_loop(inner), "wrong result")
    io.write("right\n")
    io.flush()
end
