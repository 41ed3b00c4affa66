--[[
/sys/block/<disk>/stat: the fields ReadsCompleted, ReadsMerged, SectorsRead, TimeReading, WritesCompleted, WritesMerged,
SectorsWritten, TimeWriting, NumIOInProgress, TimeDoingIO and WeightedTimeDoingIO; from newer kernels also
DiscardsCompleted, DiscardsMerged, SectorsDiscarded, TimeDiscarding, FlushesCompleted and TimeFlushing. FilePath and
TickerInterval are those of the input's message. The Type is stats.diskstats. Another text fails.

  [diskstats]
  type = "FilePollingInput"
  ticker_interval = 10
  file_path = "/sys/block/sda/stat"
  decoder = "linux_diskstats"

  [linux_diskstats]
  type = "SandboxDecoder"
  filename = "lua_decoders/linux_diskstats.lua"
    [linux_diskstats.config]
    payload_keep = false    # default; true: the text as Payload
--]]

local lpeg = require "lpeg"
lpeg.locale(lpeg)

local function columns(separator, names)
    local grammar = lpeg.P(true)
    for _, name in ipairs(names) do
        grammar = grammar * separator * lpeg.Cg(lpeg.digit^1 / tonumber, name)
    end
    return grammar
end

local reads_and_writes = columns(lpeg.space^0, {
    "ReadsCompleted", "ReadsMerged", "SectorsRead", "TimeReading",
    "WritesCompleted", "WritesMerged", "SectorsWritten", "TimeWriting",
    "NumIOInProgress", "TimeDoingIO", "WeightedTimeDoingIO",
})
-- Since Linux 4.18 and 5.5, in the same line.
local blanks = lpeg.P" "^1
local discards = columns(blanks, {"DiscardsCompleted", "DiscardsMerged", "SectorsDiscarded", "TimeDiscarding"})
local flushes = columns(blanks, {"FlushesCompleted", "TimeFlushing"})

local grammar = lpeg.Ct(reads_and_writes * (discards * flushes^-1)^-1 * "\n")

local keeps_payload = read_config("payload_keep")

local msg = {Type = "stats.diskstats"}

function process_message()
    local text = read_message("Payload")
    local fields = grammar:match(text)
    if not fields then return -1 end
    fields.FilePath = read_message("Fields[FilePath]")
    fields.TickerInterval = read_message("Fields[TickerInterval]")
    if keeps_payload then msg.Payload = text end
    msg.Fields = fields
    inject_message(msg)
    return 0
end
