-- The message filter when it is warm: many batches untimed, then as many between two lines. arguments: file, messages of a
-- batch, batches
local program, messages, batches = dofile(arg[1]), tonumber(arg[2]), tonumber(arg[3])
for _ = 1, batches do program(messages) end
io.write("begin\n")
io.flush()
for _ = 1, batches do program(messages) end
io.write("warm\n")
io.flush()
