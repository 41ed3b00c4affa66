--[[
/proc/loadavg: the fields 1MinAvg, 5MinAvg, 15MinAvg and NumProcesses (those that run). FilePath is that of the input's
message. The Type is stats.loadavg. Another text fails.

  [loadavg]
  type = "FilePollingInput"
  ticker_interval = 10
  file_path = "/proc/loadavg"
  decoder = "linux_loadavg"

  [linux_loadavg]
  type = "SandboxDecoder"
  filename = "lua_decoders/linux_loadavg.lua"
    [linux_loadavg.config]
    payload_keep = false    # default; true: the text as Payload
--]]

local lpeg = require "lpeg"
lpeg.locale(lpeg)

local digits, space = lpeg.digit^1, lpeg.space

local function average(name)
    return lpeg.Cg(digits * "." * digits / tonumber, name) * space
end

local grammar = lpeg.Ct(average "1MinAvg" * average "5MinAvg" * average "15MinAvg"
    * lpeg.Cg(digits / tonumber, "NumProcesses") * "/" * digits * space * digits)

local keeps_payload = read_config("payload_keep")

local msg = {Type = "stats.loadavg"}

function process_message()
    local text = read_message("Payload")
    local fields = grammar:match(text)
    if not fields then return -1 end
    fields.FilePath = read_message("Fields[FilePath]")
    if keeps_payload then msg.Payload = text end
    msg.Fields = fields
    inject_message(msg)
    return 0
end
