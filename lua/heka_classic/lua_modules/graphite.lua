--[[
Lines for Graphite, as statsd writes them: "<metric> <value> <seconds since 1970>".

  count_rate(bucket, count, interval, seconds)
      stats.counters.<bucket>.count and .rate, which is the count per second of the interval
  multi_counts_rates(counts, interval, seconds)
      that for each bucket in a table of counts
  timeseries_metrics(bucket, values, interval, percent, seconds)
      stats.timers.<bucket>.count, .count_ps (per second of the interval), .lower, .upper, .sum, .mean, and of the lowest
      `percent` of the values .mean_<percent> and .upper_<percent>; zeroes when there are no values
  multi_timeseries_metrics(timers, interval, percent, seconds)
      that for each bucket in a table of arrays
  ns_to_sec(ns)
      whole seconds

A filter that sends them to a CarbonOutput takes the interval from its settings:

  [request_times]
  type = "SandboxFilter"
  filename = "request_times.lua"
  ticker_interval = 10
    [request_times.config]
    ticker_interval = 10
    percent_thresh = 90
--]]

local math = require "math"
local string = require "string"
local table = require "table"

local ipairs, pairs = ipairs, pairs
local format = string.format

local COUNTER_LINES = "stats.counters.%s.count %d %d\nstats.counters.%s.rate %f %d\n"

local M = {}

function M.count_rate(bucket, count, interval, seconds)
    return format(COUNTER_LINES, bucket, count, seconds, bucket, count / interval, seconds)
end

function M.multi_counts_rates(counts, interval, seconds)
    local lines = {}
    for bucket, count in pairs(counts) do
        lines[#lines + 1] = M.count_rate(bucket, count, interval, seconds)
    end
    return table.concat(lines)
end

local function sum_of(values, count)
    local sum = 0
    for i = 1, count do sum = sum + values[i] end
    return sum
end

-- Mean and largest of the lowest `percent` of sorted values; where that is none of them, the lowest and the highest of all.
local function lowest_part(sorted, percent)
    local count = #sorted
    local inside = count
    if count > 1 then inside = math.min(count, count - math.floor((100 - percent) / 100 * count + 0.5)) end
    if inside <= 0 then return sorted[1], sorted[count] end
    return sum_of(sorted, inside) / inside, sorted[inside]
end

local function statistics(values, percent)
    local sorted = {}
    for i, value in ipairs(values) do sorted[i] = value end
    local count = #sorted
    if count == 0 then return {lower = 0, upper = 0, sum = 0, mean = 0, part_mean = 0, part_upper = 0} end
    table.sort(sorted)
    local sum = sum_of(sorted, count)
    local part_mean, part_upper = lowest_part(sorted, percent)
    return {
        lower = sorted[1],
        upper = sorted[count],
        sum = sum,
        mean = sum / count,
        part_mean = part_mean,
        part_upper = part_upper,
    }
end

function M.timeseries_metrics(bucket, values, interval, percent, seconds)
    local found = statistics(values, percent)
    local prefix = "stats.timers." .. bucket .. "."
    local lines = {format("%scount %d %d\n", prefix, #values, seconds)}
    local function add(name, value)
        lines[#lines + 1] = format("%s%s %f %d\n", prefix, name, value, seconds)
    end
    add("count_ps", #values / interval)
    add("lower", found.lower)
    add("upper", found.upper)
    add("sum", found.sum)
    add("mean", found.mean)
    add(format("mean_%d", percent), found.part_mean)
    add(format("upper_%d", percent), found.part_upper)
    return table.concat(lines)
end

function M.multi_timeseries_metrics(timers, interval, percent, seconds)
    local lines = {}
    for bucket, values in pairs(timers) do
        lines[#lines + 1] = M.timeseries_metrics(bucket, values, interval, percent, seconds)
    end
    return table.concat(lines)
end

function M.ns_to_sec(ns)
    return math.floor(ns / 1e9)
end

return M
