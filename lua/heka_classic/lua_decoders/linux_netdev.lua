--[[
/proc/net/dev: a message for each network device, with its name in the field netdevice and its counters in the integer fields
receive_bytes, receive_packets, ..., transmit_bytes and so on, as the file's head calls them. FilePath is that of the input's
message. The Type is stats.netdev. Another text fails.

  [netdev]
  type = "FilePollingInput"
  ticker_interval = 10
  file_path = "/proc/net/dev"
  decoder = "linux_netdev"

  [linux_netdev]
  type = "SandboxDecoder"
  filename = "lua_decoders/linux_netdev.lua"
    [linux_netdev.config]
    payload_keep = false    # default; true: the text as Payload of each message
--]]

local lpeg = require "lpeg"
lpeg.locale(lpeg)

local P, C, Cc, Cg, Ct = lpeg.P, lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Ct
local INTEGER = 2

local blank = P" "^0
local word = C((lpeg.lower + lpeg.digit)^1) * blank

-- The second line of the head: face |bytes packets ...|bytes packets ...
local head = "Inter-|" * blank * "Receive" * blank * "|" * blank * "Transmit\n"
    * blank * "face" * blank * "|" * blank * Ct(word^1) * "|" * blank * Ct(word^1) * "\n"

local counter = Ct(Cg(lpeg.digit^1 / tonumber, "value") * Cg(Cc(INTEGER), "value_type")) * blank
local device = C((1 - lpeg.S" :\n")^1)
local line = Ct(blank * device * ":" * blank * Ct(counter^1) * "\n")

local grammar = Ct(head * Ct(line^1))

local keeps_payload = read_config("payload_keep")

local msg = {Type = "stats.netdev"}

local function counter_names(received, transmitted)
    local names = {}
    for _, name in ipairs(received) do names[#names + 1] = "receive_" .. name end
    for _, name in ipairs(transmitted) do names[#names + 1] = "transmit_" .. name end
    return names
end

function process_message()
    local text = read_message("Payload")
    local found = grammar:match(text)
    if not found then return -1, "Failed to match grammar" end

    if keeps_payload then msg.Payload = text end
    local file_path = read_message("Fields[FilePath]")
    local names = counter_names(found[1], found[2])
    for _, entry in ipairs(found[3]) do
        local fields = {netdevice = entry[1], FilePath = file_path}
        for i, name in ipairs(names) do fields[name] = entry[2][i] end
        msg.Fields = fields
        inject_message(msg)
    end
    return 0
end
