--[[
Listens on TCP, and decodes each line that comes in.

Configuration

  filename = "tcp.lua"
  address = "127.0.0.1"                  -- the default; "*" for all of the machine's
  port = 5566                            -- the default
  decoder_module = "decoders.syslog"     -- default: "decoders.payload"
  default_headers = {Type = "app"}       -- message to start from, its Fields as a hash; default: none. Hostname is the
                                         -- sender's address
  send_decode_failures = true            -- a line that cannot be decoded becomes a message of the Type "error.decode", its
                                         -- Payload what was wrong, Fields[data] the line; default: false
  printf_messages = {"lpeg.openssh_portable"}  -- default: none

A line ends in a newline; carriage returns are left out. What a connection ends with without one is no line. A connection
whose line is longer than a message may be is closed. ssl_params needs the module ssl.
--]]

local socket = require "socket"
local string = require "string"
local table = require "table"
local server_loop = require "socket.server_loop"
local sub_decoder_util = require "lpeg.sub_decoder_util"

local address = read_config("address") or "127.0.0.1"
local port = read_config("port") or 5566
local default_headers = read_config("default_headers") or {}
assert(type(default_headers) == "table", "invalid default_headers cfg")
local send_decode_failures = read_config("send_decode_failures")
local longest_line = read_config("max_message_size") or 64 * 1024
if read_config("ssl_params") then require "ssl" end

local decode = sub_decoder_util.load_decoder(
    read_config("decoder_module") or "decoders.payload", read_config("printf_messages"))
local server = assert(socket.bind(address, port))

-- Bytes that are taken from one connection, then the others have their turn.
local BYTES_PER_TURN = 32 * 1024

local function decode_line(line, sender)
    default_headers.Hostname = sender
    local ok, err = pcall(decode, line, default_headers)
    if ok and not err or not send_decode_failures then return end
    local failure = {
        Type = "error.decode", Hostname = sender, Payload = tostring(err), Fields = {data = line},
    }
    local sent, why = pcall(inject_message, failure)
    if not sent then print("a decode failure could not be injected:", why) end
end

local function accepted(connection, sender)
    -- What came of the line that is not finished.
    local parts, length = {}, 0
    local function add(part)
        length = length + #part
        if part ~= "" then parts[#parts + 1] = part end
    end

    return function()
        local data, err, rest = connection:receive(BYTES_PER_TURN)
        data = data or rest
        local from = 1
        while true do
            local newline = string.find(data, "\n", from, true)
            add(string.sub(data, from, newline and newline - 1))
            if length > longest_line then
                print("a line is too long, its connection is closed:", sender)
                return false
            end
            if not newline then return not err or err == "timeout" end
            decode_line((string.gsub(table.concat(parts), "\r", "")), sender)
            parts, length = {}, 0
            from = newline + 1
        end
    end
end

function process_message()
    server_loop.run(server, accepted)
    return 0
end
