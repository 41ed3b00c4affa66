--[[
Graphs chosen statistics of heka.statmetric messages, as StatAccumInput makes them with emit_in_fields = true. The time is
the message's field timestamp, in seconds.

  [stat_graph]
  type = "SandboxFilter"
  filename = "lua_filters/stat_graph.lua"
  message_matcher = "Type == 'heka.statmetric'"
  ticker_interval = 10
  preserve_data = true
    [stat_graph.config]
    # fields, and the names of their columns in the same order; both are required
    stats = "stats.counters.hits.count stats.counters.misses.count"
    stat_labels = "hits misses"
    title = "Stats"            # of the graph
    rows = 300                 # of the graph
    sec_per_row = 1            # seconds that a row stands for
    stat_aggregation = "sum"   # how columns of several graphs are put together: sum, min, max or none
    stat_unit = "count"        # of all columns
    preservation_version = 0   # to be raised with every change of rows, sec_per_row, stats or stat_labels, when data are preserved
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'roc("Stats", 1, 15, 0, 1.5, true, false)'
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_graph = require "cbuf_graph"
local string = require "string"
require "circular_buffer"

local function words(text)
    local list = {}
    for word in string.gmatch(text, "%S+") do list[#list + 1] = word end
    return list
end

local title = read_config("title") or "Stats"
local rows = read_config("rows") or 300
local sec_per_row = read_config("sec_per_row") or 1
local stats = words(read_config("stats") or error("stats configuration must be specified"))
local labels = words(read_config("stat_labels") or error("stat_labels configuration must be specified"))
local unit = read_config("stat_unit") or "count"
local aggregation = read_config("stat_aggregation") or "sum"
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))
annotation.set_prune(title, rows * sec_per_row * 1e9)

if #stats ~= #labels then error("stats and stat_labels configuration must have the same number of items") end

cbuf = circular_buffer.new(rows, #stats, sec_per_row)

local variables = {}
for col, stat in ipairs(stats) do
    cbuf:set_header(col, labels[col], unit, aggregation)
    variables[col] = string.format("Fields[%s]", stat)
end

function process_message()
    local seconds = read_message("Fields[timestamp]")
    if type(seconds) ~= "number" then return -1 end
    for col, variable in ipairs(variables) do
        local value = read_message(variable)
        if type(value) == "number" then cbuf:add(seconds * 1e9, col, value) end
    end
    return 0
end

function timer_event(ns)
    cbuf_graph.inject(ns, title, cbuf, anomaly_config)
end
