--[[
Graphs load averages and the number of processes, from the fields 1MinAvg, 5MinAvg, 15MinAvg and NumProcesses of messages as
lua_decoders/linux_loadavg.lua makes them.

  [loadavg]
  type = "SandboxFilter"
  filename = "lua_filters/loadavg.lua"
  message_matcher = "Type == 'stats.loadavg'"
  ticker_interval = 60
  preserve_data = true
    [loadavg.config]
    rows = 1440                # of the graph
    sec_per_row = 60           # seconds that a row stands for
    preservation_version = 0   # to be raised with every change of rows or sec_per_row, when data are preserved
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'roc("LoadAvg Stats", 1, 15, 0, 2, true, false)'
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_graph = require "cbuf_graph"
local string = require "string"
require "circular_buffer"

local TITLE = "LoadAvg Stats"
local NAMES = {"1MinAvg", "5MinAvg", "15MinAvg", "NumProcesses"}

local rows = read_config("rows") or 1440
local sec_per_row = read_config("sec_per_row") or 60
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))
annotation.set_prune(TITLE, rows * sec_per_row * 1e9)

cbuf = circular_buffer.new(rows, #NAMES, sec_per_row)

local variables = {}
for col, name in ipairs(NAMES) do
    cbuf:set_header(col, name, "Count", "max")
    variables[col] = string.format("Fields[%s]", name)
end

function process_message()
    local ts = read_message("Timestamp")
    for col, variable in ipairs(variables) do
        local value = read_message(variable)
        if type(value) ~= "number" then return -1 end
        cbuf:set(ts, col, value)
    end
    return 0
end

function timer_event(ns)
    cbuf_graph.inject(ns, TITLE, cbuf, anomaly_config)
end
