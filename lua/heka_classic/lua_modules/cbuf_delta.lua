--[[
Deltas of circular buffers ("cbufd") of other filters: how they go into buffers of one's own.

  parse(payload)   {header = {rows, columns, seconds_per_row, column_info = {{name, unit, aggregation}...}},
                   {value..., time = ns}, ...}; nil when the payload is no delta. What stands in the header is not checked.
  width(delta)     the number of values in its longest row
  merge(buffer, ns, col, value, aggregation)
                   adds a sum to what is there, keeps the smallest min and the largest max; passes over values that are NaN
                   and columns of other aggregations

Filters that use it are lua_filters/cbufd_aggregator.lua and lua_filters/cbufd_host_aggregator.lua:

  [all_hosts]
  type = "SandboxFilter"
  filename = "lua_filters/cbufd_aggregator.lua"
  message_matcher = "Fields[payload_type] == 'cbufd'"
  ticker_interval = 60
--]]

local cbufd = require "cbufd"
local cjson = require "cjson"

local ipairs, pcall, type = ipairs, pcall, type

local M = {}

function M.parse(payload)
    local delta = cbufd.grammar:match(payload)
    if not delta then return end
    local ok, header = pcall(cjson.decode, delta.header)
    if not ok or type(header) ~= "table" then return end
    delta.header = header
    return delta
end

function M.width(delta)
    local width = 0
    for _, row in ipairs(delta) do
        if #row > width then width = #row end
    end
    return width
end

function M.merge(buffer, ns, col, value, aggregation)
    if value ~= value then return end
    if aggregation == "sum" then
        buffer:add(ns, col, value)
    elseif aggregation == "min" or aggregation == "max" then
        buffer:set(ns, col, value)
    end
end

return M
