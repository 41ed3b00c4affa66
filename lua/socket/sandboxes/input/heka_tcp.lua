--[[
Listens on TCP for framed Heka messages, and injects them byte for byte. What is no message is passed over.

Configuration

  filename = "heka_tcp.lua"
  address = "127.0.0.1"    -- the default; "*" for all of the machine's
  port = 5565              -- the default
  buf_size = 32768         -- the default: bytes that are asked for at once

ssl_params needs the module ssl.
--]]

local socket = require "socket"
local string = require "string"
local server_loop = require "socket.server_loop"

local address = read_config("address") or "127.0.0.1"
local port = read_config("port") or 5565
local buf_size = read_config("buf_size") or 32 * 1024
assert(type(buf_size) == "number" and buf_size > 0, "buf_size must be a number above 0")
if read_config("ssl_params") then require "ssl" end

local server = assert(socket.bind(address, port))

local function accepted(connection, sender, sender_port)
    local name = string.format("%s:%d -> %s:%d", sender, sender_port, address, port)
    local reader = create_stream_reader(name)
    local needed = buf_size
    return function()
        local data, err, part = connection:receive(needed)
        data = data or part
        local found, _
        repeat
            found, _, needed = reader:find_message(data)
            if found then
                local ok, why = pcall(inject_message, reader)
                if not ok then print(name, why) end
            end
            data = nil
        until not found
        if needed < buf_size then needed = buf_size end
        return not err or err == "timeout"
    end
end

function process_message()
    server_loop.run(server, accepted)
    return 0
end
