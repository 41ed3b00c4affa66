--[[
Graphs the averages of slow queries' times and rows, and their number, from the fields Query_time, Lock_time, Rows_examined
and Rows_sent of messages as lua_decoders/mysql_slow_query.lua makes them. Averages of rows are whole numbers.

  [mysql_slow_query]
  type = "SandboxFilter"
  filename = "lua_filters/mysql_slow_query.lua"
  message_matcher = "Type == 'mysql.slow-query'"
  ticker_interval = 60
  preserve_data = true
    [mysql_slow_query.config]
    rows = 1440                # of the graph
    sec_per_row = 60           # seconds that a row stands for
    preservation_version = 0   # to be raised with every change of rows or sec_per_row, when data are preserved
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'mww_nonparametric("Statistics", 5, 15, 10, 0.8)'
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_graph = require "cbuf_graph"
local math = require "math"
require "circular_buffer"

local TITLE = "Statistics"
local AVERAGES = {
    {name = "Query Time", unit = "s", variable = "Fields[Query_time]"},
    {name = "Lock Time", unit = "s", variable = "Fields[Lock_time]"},
    {name = "Rows Examined", unit = "count", variable = "Fields[Rows_examined]", is_whole = true},
    {name = "Rows Sent", unit = "count", variable = "Fields[Rows_sent]", is_whole = true},
}
local COUNT = #AVERAGES + 1

local rows = read_config("rows") or 1440
local sec_per_row = read_config("sec_per_row") or 60
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))
annotation.set_prune(TITLE, rows * sec_per_row * 1e9)

-- What is shown, and what the averages are made of.
data = circular_buffer.new(rows, COUNT, sec_per_row)
sums = circular_buffer.new(rows, #AVERAGES, sec_per_row)
for col, average in ipairs(AVERAGES) do data:set_header(col, average.name, average.unit, "none") end
data:set_header(COUNT, "Count")

function process_message()
    local ts = read_message("Timestamp")
    local count = data:add(ts, COUNT, 1)
    -- Too old for the graph.
    if not count then return 0 end

    local values = {}
    for col, average in ipairs(AVERAGES) do
        local value = read_message(average.variable)
        if type(value) ~= "number" then return -1 end
        values[col] = value
    end
    for col, average in ipairs(AVERAGES) do
        local mean = sums:add(ts, col, values[col]) / count
        data:set(ts, col, average.is_whole and math.floor(mean) or mean)
    end
    return 0
end

function timer_event(ns)
    cbuf_graph.inject(ns, TITLE, data, anomaly_config)
end
