--[[
Sends framed Heka messages over TCP. While there is no connection, one attempt a second is made, and messages are tried again
until they are sent, unless they are to be dropped.

Configuration

  filename = "heka_tcp.lua"
  address = "127.0.0.1"            -- the default
  port = 5565                      -- the default
  timeout = 10                     -- the default: seconds that connecting and sending may take
  drop_message_on_error = true     -- default: false

A message that was sent in part is sent again as a whole over the next connection. ssl_params needs the module ssl.
--]]

local os = require "os"
local socket = require "socket"

local address = read_config("address") or "127.0.0.1"
local port = read_config("port") or 5565
local timeout = read_config("timeout") or 10
assert(type(timeout) == "number", "timeout must be a number")
if read_config("ssl_params") then require "ssl" end

-- Skip it, or ask for it again.
local on_error = read_config("drop_message_on_error") and -2 or -3

local client, reason
local tried_at = 0

local function connect()
    local connection, err = socket.tcp()
    if not connection then return nil, err end
    connection:settimeout(timeout)
    local ok
    ok, err = connection:connect(address, port)
    if not ok then
        connection:close()
        return nil, err
    end
    connection:setoption("tcp-nodelay", true)
    connection:setoption("keepalive", true)
    return connection
end

local MOST_READS = 100

-- Whoever it is sent to may answer, which nobody here reads, or be gone.
local function is_gone(connection)
    local data, err
    connection:settimeout(0)
    for _ = 1, MOST_READS do
        data, err = connection:receive(8192)
        if not data then break end
    end
    connection:settimeout(timeout)
    return err ~= nil and err ~= "timeout"
end

function process_message()
    if client and is_gone(client) then
        client:close()
        client = nil
    end
    if not client then
        local now = os.time()
        if now ~= tried_at then
            tried_at = now
            client, reason = connect()
        end
        if not client then return on_error, reason end
    end
    local sent, err = client:send(read_message("framed"))
    if sent then return 0 end
    client:close()
    client, reason = nil, err
    return on_error, err
end

function timer_event()
end
