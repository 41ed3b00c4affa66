--[[
Listens on UDP, and decodes each datagram.

Configuration

  filename = "udp.lua"
  address = "127.0.0.1"                  -- the default; "*" for all of the machine's
  port = 514                             -- the default
  decoder_module = "decoders.syslog"     -- default: "decoders.heka.protobuf"
  default_headers = {Type = "app"}       -- message to start from, its Fields as a hash; default: none. Fields sender_ip and
                                         -- sender_port are added
  send_decode_failures = true            -- a datagram that cannot be decoded becomes a message of the Type "error.decode",
                                         -- its Payload what was wrong, Fields[data] the datagram; default: false
  printf_messages = {"lpeg.openssh_portable"}  -- default: none

What the system has against receiving becomes a message of the Type "error.closed", its Payload what was wrong. Datagram sockets
in the file system, for which the address would begin with a slash, are not to be had.
--]]

local socket = require "socket"
local string = require "string"
local sub_decoder_util = require "lpeg.sub_decoder_util"

local address = read_config("address") or "127.0.0.1"
local port = read_config("port") or 514
local default_headers = read_config("default_headers") or {}
assert(type(default_headers) == "table", "invalid default_headers cfg")
local send_decode_failures = read_config("send_decode_failures")

local decode = sub_decoder_util.load_decoder(
    read_config("decoder_module") or "decoders.heka.protobuf", read_config("printf_messages"))

-- No datagram is longer.
local LONGEST = 65536
-- Seconds between two looks at whether the input is to stop, and after an error.
local LOOK = 1

local sender_port = {value = 0, value_type = 2}
default_headers.Fields = default_headers.Fields or {}
default_headers.Fields.sender_port = sender_port

local function open_server()
    if string.sub(address, 1, 1) == "/" then return require("socket.unix").udp() end
    local server = assert(socket.udp())
    assert(server:setsockname(address, port))
    server:settimeout(LOOK)
    return server
end

local server = open_server()

local function inject(message)
    local ok, why = pcall(inject_message, message)
    if not ok then print("an error could not be injected:", why) end
end

local function decode_datagram(data, sender)
    default_headers.Fields.sender_ip = sender
    local ok, err = pcall(decode, data, default_headers)
    if ok and not err or not send_decode_failures then return end
    inject {
        Type = "error.decode",
        Payload = tostring(err),
        Fields = {data = data, sender_ip = sender, sender_port = sender_port},
    }
end

function process_message()
    while is_running() do
        local data, sender, from_port = server:receivefrom(LONGEST)
        if data then
            sender_port.value = from_port
            decode_datagram(data, sender)
        elseif sender ~= "timeout" then
            inject {Type = "error.closed", Payload = sender}
            socket.sleep(LOOK)
        end
    end
    return 0
end
