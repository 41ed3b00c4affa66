--[[
/proc/stat: a field for each of its lines (cpu, cpu0, intr, ctxt, btime, processes, procs_running, procs_blocked, softirq)
with all the line's numbers. Those of cpu are user, nice, system, idle, iowait, irq, softirq, steal, guest and guest_nice;
the first of intr and softirq is their sum. The Type is stats.procstat. Another text fails; what comes after a line of
another form is left out.

  [procstat]
  type = "FilePollingInput"
  ticker_interval = 10
  file_path = "/proc/stat"
  decoder = "linux_procstat"

  [linux_procstat]
  type = "SandboxDecoder"
  filename = "lua_decoders/linux_procstat.lua"
    [linux_procstat.config]
    payload_keep = false    # default; true: the text as Payload
--]]

local lpeg = require "lpeg"
lpeg.locale(lpeg)

local name = lpeg.C((lpeg.alnum + "_")^1)
local numbers = lpeg.Ct((lpeg.digit^1 / tonumber * lpeg.P" "^0)^1)
local line = lpeg.Cg(name * lpeg.P" "^1 * numbers) * lpeg.P"\n"^0
local grammar = lpeg.Cf(lpeg.Ct"" * line^1, rawset)

local keeps_payload = read_config("payload_keep")

local msg = {Type = "stats.procstat"}

function process_message()
    local text = read_message("Payload")
    msg.Fields = grammar:match(text)
    if not msg.Fields then return -1 end
    if keeps_payload then msg.Payload = text end
    inject_message(msg)
    return 0
end
