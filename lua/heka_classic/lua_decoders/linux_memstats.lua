--[[
/proc/meminfo: a field for each of its lines (MemTotal, MemFree, HugePages_Free, ...), numbers with the representation "kB"
or none. FilePath is that of the input's message. The Type is stats.memstats. Another text fails; what comes after a line
of another form is left out.

  [memstats]
  type = "FilePollingInput"
  ticker_interval = 10
  file_path = "/proc/meminfo"
  decoder = "linux_memstats"

  [linux_memstats]
  type = "SandboxDecoder"
  filename = "lua_decoders/linux_memstats.lua"
    [linux_memstats.config]
    payload_keep = false    # default; true: the text as Payload
--]]

local lpeg = require "lpeg"
lpeg.locale(lpeg)

local name = lpeg.C((1 - lpeg.P":")^1) * ":"
local unit = " " * lpeg.C"kB" + lpeg.Cc""
local value = lpeg.Ct(lpeg.Cg(lpeg.digit^1 / tonumber, "value") * lpeg.Cg(unit, "representation"))
local line = lpeg.Cg(name * lpeg.space^1 * value * "\n")
local grammar = lpeg.Cf(lpeg.Ct"" * line^1, rawset)

local keeps_payload = read_config("payload_keep")

local msg = {Type = "stats.memstats"}

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
