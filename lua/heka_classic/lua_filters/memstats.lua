--[[
Graphs the use of memory, from the fields MemFree, Cached, Active, Inactive, VmallocUsed, Shmem, SwapCached, SwapFree and
SwapTotal of messages as lua_decoders/linux_memstats.lua makes them. The column SwapUsed is SwapTotal without SwapFree.

  [memstats]
  type = "SandboxFilter"
  filename = "lua_filters/memstats.lua"
  message_matcher = "Type == 'stats.memstats'"
  ticker_interval = 60
  preserve_data = true
    [memstats.config]
    rows = 1440                # of the graph
    sec_per_row = 60           # seconds that a row stands for
    preservation_version = 0   # to be raised with every change of rows or sec_per_row, when data are preserved
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'mww("Memory Stats", 1, 60, 10, 0.0001, decreasing)'
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_graph = require "cbuf_graph"
local string = require "string"
require "circular_buffer"

local TITLE = "Memory Stats"
-- Fields that are columns; SwapUsed is the column behind them.
local NAMES = {"MemFree", "Cached", "Active", "Inactive", "VmallocUsed", "Shmem", "SwapCached", "SwapFree"}
local SWAP_FREE, SWAP_USED = #NAMES, #NAMES + 1

local rows = read_config("rows") or 1440
local sec_per_row = read_config("sec_per_row") or 60
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))
annotation.set_prune(TITLE, rows * sec_per_row * 1e9)

cbuf = circular_buffer.new(rows, SWAP_USED, sec_per_row)

local variables = {}
for col, name in ipairs(NAMES) do
    cbuf:set_header(col, name, "Count", "max")
    variables[col] = string.format("Fields[%s]", name)
end
cbuf:set_header(SWAP_USED, "SwapUsed", "Count", "max")

function process_message()
    local ts = read_message("Timestamp")
    for col = 1, SWAP_FREE - 1 do
        local value = read_message(variables[col])
        if type(value) ~= "number" then return -1 end
        cbuf:set(ts, col, value)
    end
    local free, total = read_message(variables[SWAP_FREE]), read_message("Fields[SwapTotal]")
    if type(free) ~= "number" or type(total) ~= "number" then return -1 end
    cbuf:set(ts, SWAP_FREE, free)
    cbuf:set(ts, SWAP_USED, total - free)
    return 0
end

function timer_event(ns)
    cbuf_graph.inject(ns, TITLE, cbuf, anomaly_config)
end
