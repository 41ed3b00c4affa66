-- Runs a filter's process_message in a plain Lua over messages that are tables, and prints nanoseconds per call.
-- arguments: script, calls
local message = {Type = "nginx.access", Logger = "web 7", ["Fields[status]"] = 200}

function read_message(name)
    return message[name]
end

dofile(arg[1])
local calls = tonumber(arg[2])
for _ = 1, calls / 10 do process_message() end
local started = os.clock()
for _ = 1, calls do process_message() end
print((os.clock() - started) * 1e9 / calls)
