--[[
Puts the graphs of many instances of a filter together: each adds its deltas (payloads of the type "cbufd", which filters
send with enable_delta = true) to the graph of the same name. All instances should have graphs of the same form. Columns of
the aggregation "none" stay empty.

  [all_hosts]
  type = "SandboxFilter"
  filename = "lua_filters/cbufd_aggregator.lua"
  message_matcher = "Logger == 'http_status' && Fields[payload_type] == 'cbufd'"
  ticker_interval = 60
  preserve_data = true
    [all_hosts.config]
    enable_delta = false       # whether deltas of the sums are sent as well, for an aggregator of aggregators
    preservation_version = 0   # to be raised with every change of enable_delta, when data are preserved
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'roc("HTTP Status", 1, 15, 0, 1.5, true, false)'
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_delta = require "cbuf_delta"
local cbuf_graph = require "cbuf_graph"
local table = require "table"
require "circular_buffer"

local enable_delta = read_config("enable_delta") or false
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))

-- By payload name.
cbufs = {}

-- Raises an error for a header that no buffer can be made of.
local function new_buffer(header)
    local buffer = circular_buffer.new(header.rows, header.columns, header.seconds_per_row, enable_delta)
    for col, column in ipairs(header.column_info) do
        buffer:set_header(col, column.name, column.unit, column.aggregation)
    end
    return buffer
end

function process_message()
    local delta = cbuf_delta.parse(read_message("Payload"))
    if not delta then return -1 end

    local name = tostring(read_message("Fields[payload_name]") or "")
    local buffer = cbufs[name]
    if not buffer then
        local ok, created = pcall(new_buffer, delta.header)
        if not ok then return -1 end
        buffer = created
    end
    local rows, columns, seconds_per_row = buffer:get_configuration()
    if cbuf_delta.width(delta) > columns then return -1 end
    if not cbufs[name] then
        annotation.set_prune(name, rows * seconds_per_row * 1e9)
        cbufs[name] = buffer
    end

    local aggregations = {}
    for col = 1, columns do
        local _, _, aggregation = buffer:get_header(col)
        aggregations[col] = aggregation
    end
    for _, row in ipairs(delta) do
        for col, value in ipairs(row) do cbuf_delta.merge(buffer, row.time, col, value, aggregations[col]) end
    end
    return 0
end

function timer_event(ns)
    local graphs = {}
    for name, buffer in pairs(cbufs) do graphs[#graphs + 1] = {title = name, buffer = buffer} end
    table.sort(graphs, function(a, b) return a.title < b.title end)

    cbuf_graph.inject_all(ns, graphs, anomaly_config)
    if not enable_delta then return end
    for _, graph in ipairs(graphs) do inject_payload("cbufd", graph.title, graph.buffer:format("cbufd")) end
end
