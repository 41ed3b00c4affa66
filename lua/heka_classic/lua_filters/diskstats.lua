--[[
Graphs disk activity, from messages as lua_decoders/linux_diskstats.lua makes them. "Disk Stats" shows what was done since
the message before: WritesCompleted, ReadsCompleted, SectorsWritten, SectorsRead, WritesMerged and ReadsMerged. "Time doing
IO" shows running totals of milliseconds: TimeWriting, TimeReading, TimeDoingIO and WeightedTimeDoingIO. A row stands for as
many seconds as the field TickerInterval says. When that or the number of rows changes, the graphs begin anew.

  [diskstats]
  type = "SandboxFilter"
  filename = "lua_filters/diskstats.lua"
  message_matcher = "Type == 'stats.diskstats'"
  ticker_interval = 10
  preserve_data = true
    [diskstats.config]
    rows = 1440   # of the graphs
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'roc("Disk Stats", 1, 15, 0, 2, true, false) roc("Time doing IO", 3, 15, 0, 2, true, false)'
--]]

local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_graph = require "cbuf_graph"
local string = require "string"
require "circular_buffer"

local DISK_TITLE, TIME_TITLE = "Disk Stats", "Time doing IO"
local COUNTERS = {"WritesCompleted", "ReadsCompleted", "SectorsWritten", "SectorsRead", "WritesMerged", "ReadsMerged"}
local TIMES = {"TimeWriting", "TimeReading", "TimeDoingIO", "WeightedTimeDoingIO"}
-- What a circular buffer takes.
local LONGEST_ROW_SECONDS = 2^31 - 1

local rows = read_config("rows") or 1440
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))

-- The buffers by their titles, what they were made for, and the counters of the last message.
stats = {}
last_run = {}
last_values = {}

local variables = {}
for _, name in ipairs(COUNTERS) do variables[name] = string.format("Fields[%s]", name) end
for _, name in ipairs(TIMES) do variables[name] = string.format("Fields[%s]", name) end

local function new_buffer(title, names, sec_per_row, unit, aggregation)
    local buffer = circular_buffer.new(rows, #names, sec_per_row)
    for col, name in ipairs(names) do buffer:set_header(col, name, unit, aggregation) end
    annotation.set_prune(title, rows * sec_per_row * 1e9)
    return buffer
end

local function make_buffers(sec_per_row)
    if last_run.rows == rows and last_run.sec_per_row == sec_per_row then return end
    local unit = "per_" .. sec_per_row .. "_s"
    stats[DISK_TITLE] = new_buffer(DISK_TITLE, COUNTERS, sec_per_row, unit, "none")
    stats[TIME_TITLE] = new_buffer(TIME_TITLE, TIMES, sec_per_row, "ms", "max")
    last_run = {rows = rows, sec_per_row = sec_per_row}
end

function process_message()
    local ts = read_message("Timestamp")
    local sec_per_row = read_message("Fields[TickerInterval]")
    if type(sec_per_row) ~= "number" then return -1 end
    if not (sec_per_row >= 1 and sec_per_row <= LONGEST_ROW_SECONDS) then return -1 end
    make_buffers(sec_per_row)

    for col, name in ipairs(TIMES) do
        local value = read_message(variables[name])
        if type(value) ~= "number" then return -1 end
        stats[TIME_TITLE]:set(ts, col, value)
    end
    for col, name in ipairs(COUNTERS) do
        local value = read_message(variables[name])
        if type(value) ~= "number" then return -1 end
        local before = last_values[name]
        if before then stats[DISK_TITLE]:set(ts, col, value - before) end
        last_values[name] = value
    end
    return 0
end

function timer_event(ns)
    -- Before the first message nobody knows how long a row is.
    if not stats[DISK_TITLE] then return end
    cbuf_graph.inject_all(ns, {
        {title = DISK_TITLE, buffer = stats[DISK_TITLE]},
        {title = TIME_TITLE, buffer = stats[TIME_TITLE]},
    }, anomaly_config)
end
