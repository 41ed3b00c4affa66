--[[
Graphs the memory of the daemon, from the fields of its heka.memstat messages.

  [heka_memstat]
  type = "SandboxFilter"
  filename = "lua_filters/heka_memstat.lua"
  message_matcher = "Type == 'heka.memstat'"
  ticker_interval = 60
  preserve_data = true
    [heka_memstat.config]
    rows = 1440                # of the graph
    sec_per_row = 60           # seconds that a row stands for
    preservation_version = 0   # to be raised with every change of rows or sec_per_row, when data are preserved
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'mww("Stats", 2, 60, 10, 0.0001, increasing)'
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_graph = require "cbuf_graph"
local string = require "string"
require "circular_buffer"

local TITLE = "Stats"
local COLUMNS = {
    {"HeapSys", "B"},
    {"HeapAlloc", "B"},
    {"HeapIdle", "B"},
    {"HeapInuse", "B"},
    {"HeapReleased", "B"},
    {"HeapObjects", "count"},
}

local rows = read_config("rows") or 1440
local sec_per_row = read_config("sec_per_row") or 60
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))
annotation.set_prune(TITLE, rows * sec_per_row * 1e9)

stats = circular_buffer.new(rows, #COLUMNS, sec_per_row)

local variables = {}
for col, column in ipairs(COLUMNS) do
    local name, unit = column[1], column[2]
    stats:set_header(col, name, unit, "max")
    variables[col] = string.format("Fields[%s]", name)
end

function process_message()
    local ts = read_message("Timestamp")
    for col, variable in ipairs(variables) do
        local value = read_message(variable)
        if type(value) == "number" then stats:set(ts, col, value) end
    end
    return 0
end

function timer_event(ns)
    cbuf_graph.inject(ns, TITLE, stats, anomaly_config)
end
