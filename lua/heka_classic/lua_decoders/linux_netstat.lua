--[[
/proc/net/netstat and /proc/net/snmp: an integer field for each counter, called by its protocol and its name: Ip_InReceives,
Tcp_MaxConn, TcpExt_SyncookiesSent. FilePath is that of the input's message. The Type is stats.netstat. Another text fails;
what comes after a pair of lines of another form is left out.

  [netstat]
  type = "FilePollingInput"
  ticker_interval = 10
  file_path = "/proc/net/netstat"
  decoder = "linux_netstat"

  [linux_netstat]
  type = "SandboxDecoder"
  filename = "lua_decoders/linux_netstat.lua"
    [linux_netstat.config]
    payload_keep = false    # default; true: the text as Payload
--]]

local lpeg = require "lpeg"
lpeg.locale(lpeg)

local P, C, Cc, Cg, Ct = lpeg.P, lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Ct
local INTEGER = 2

local word = (lpeg.alpha + lpeg.digit)^1
local counter = Ct(Cg(P"-"^-1 * lpeg.digit^1 / tonumber, "value") * Cg(Cc(INTEGER), "value_type"))
-- A line of names and a line of values for each protocol.
local names = C(word) * ":" * Ct((" " * C(word))^1) * "\n"
local values = word * ":" * Ct((" " * counter)^1) * "\n"

local grammar = Ct(Ct(names * values)^1)

local keeps_payload = read_config("payload_keep")

local msg = {Type = "stats.netstat"}

function process_message()
    local text = read_message("Payload")
    local protocols = grammar:match(text)
    if not protocols then return -1, "Failed to match grammar" end

    local fields = {FilePath = read_message("Fields[FilePath]")}
    for _, protocol in ipairs(protocols) do
        for i, name in ipairs(protocol[2]) do fields[protocol[1] .. "_" .. name] = protocol[3][i] end
    end
    if keeps_payload then msg.Payload = text end
    msg.Fields = fields
    inject_message(msg)
    return 0
end
