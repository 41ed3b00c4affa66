--[[
Graphs how many different values a variable has in each period, such as the users of a day, by an estimate that takes
12 KiB however many there are.

  [daily_users]
  type = "SandboxFilter"
  filename = "lua_filters/unique_items.lua"
  message_matcher = "Type == 'request.summary'"
  ticker_interval = 60
  preserve_data = true
    [daily_users.config]
    message_variable = "Fields[uid]"   # required
    title = "Active Users"             # of the graph; "Estimated Unique Daily <message_variable>" unless set
    rows = 365                         # of the graph
    seconds_per_row = 86400            # length of a period
    enable_delta = false               # whether deltas are sent as well, for lua_filters/cbufd_aggregator.lua
    preservation_version = 0           # to be raised with every change of enable_delta, rows or seconds_per_row, when data are preserved
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local math = require "math"
local string = require "string"
require "circular_buffer"
require "hyperloglog"

local message_variable = read_config("message_variable") or error("message_variable configuration must be specified")
local title = read_config("title") or "Estimated Unique Daily " .. message_variable
local enable_delta = read_config("enable_delta") or false
local rows = read_config("rows") or 365
local seconds_per_row = read_config("seconds_per_row") or 24 * 3600

-- The period that is being counted, its items, and the graph.
active_period = 0
hll = hyperloglog.new()
active = circular_buffer.new(rows, 1, seconds_per_row, enable_delta)
local COLUMN = active:set_header(1, string.match(message_variable, "^Fields%[([^%]]+)%]") or message_variable)

function process_message()
    local ts = read_message("Timestamp")
    local period = math.floor(ts / (seconds_per_row * 1e9))
    -- Too old.
    if period < active_period then return 0 end
    if period > active_period then
        active_period = period
        hll:clear()
    end

    local item = read_message(message_variable)
    if type(item) ~= "string" and type(item) ~= "number" then return -1 end
    if hll:add(item) then active:set(ts, COLUMN, hll:count()) end
    return 0
end

function timer_event(ns)
    inject_payload("cbuf", title, active:format("cbuf"))
    if enable_delta then inject_payload("cbufd", title, active:format("cbufd")) end
end
