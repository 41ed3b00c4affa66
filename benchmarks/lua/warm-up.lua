-- Microseconds per message of the message filter, warm, the median of many batches. arguments: file, messages of a batch, batches
local program, messages, batches = dofile(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local times = {}
for i = 1, batches do
    local started = os.clock()
    program(messages)
    times[i] = (os.clock() - started) * 1e6 / messages
end
table.sort(times)
print(string.format("%.6f warm", times[math.ceil(batches / 2)]))
