-- Tests of graphite.
local graphite = require "graphite"
require "string"
require "table"

local function sorted_lines(text)
    local lines = {}
    for line in string.gmatch(text, "[^\n]+") do lines[#lines + 1] = line end
    table.sort(lines)
    return table.concat(lines, "\n")
end

-- The values of the lines for a timer, by the last part of their names.
local function values(bucket, times, percent)
    local found = {}
    local text = graphite.timeseries_metrics(bucket, times, 10, percent, 99)
    for line in string.gmatch(text, "[^\n]+") do
        local name, value = string.match(line, "^stats%.timers%.b%.([%w_]+) (%S+) 99$")
        found[name] = value
    end
    return found
end

local function check(found, expected)
    for name, value in pairs(expected) do assert(found[name] == value, name .. ": " .. tostring(found[name])) end
    for name in pairs(found) do assert(expected[name], name) end
end

function test_a_counter()
    assert(graphite.count_rate("a.b", 4, 10, 1400000000)
        == "stats.counters.a.b.count 4 1400000000\nstats.counters.a.b.rate 0.400000 1400000000\n")
end

function test_counters()
    assert(graphite.multi_counts_rates({}, 10, 5) == "")
    assert(sorted_lines(graphite.multi_counts_rates({a = 1, b = 20}, 10, 5))
        == "stats.counters.a.count 1 5\nstats.counters.a.rate 0.100000 5\n"
        .. "stats.counters.b.count 20 5\nstats.counters.b.rate 2.000000 5")
end

function test_a_timer()
    assert(graphite.timeseries_metrics("t", {45, 0, 30, 15}, 10, 90, 7) == "stats.timers.t.count 4 7\n"
        .. "stats.timers.t.count_ps 0.400000 7\nstats.timers.t.lower 0.000000 7\nstats.timers.t.upper 45.000000 7\n"
        .. "stats.timers.t.sum 90.000000 7\nstats.timers.t.mean 22.500000 7\nstats.timers.t.mean_90 22.500000 7\n"
        .. "stats.timers.t.upper_90 45.000000 7\n")
end

function test_the_lowest_part_of_the_values()
    local times = {}
    for i = 10, 1, -1 do times[#times + 1] = i end
    check(values("b", times, 80), {
        count = "10", count_ps = "1.000000", lower = "1.000000", upper = "10.000000", sum = "55.000000", mean = "5.500000",
        mean_80 = "4.500000", upper_80 = "8.000000"})
    -- The caller's array stays as it is.
    assert(times[1] == 10 and times[10] == 1)
    check(values("b", times, 0), {
        count = "10", count_ps = "1.000000", lower = "1.000000", upper = "10.000000", sum = "55.000000", mean = "5.500000",
        mean_0 = "1.000000", upper_0 = "10.000000"})
    assert(values("b", times, 200).mean_200 == "5.500000")
    local found = values("b", {2, 1}, 50)
    assert(found.mean_50 == "1.000000" and found.upper_50 == "1.000000")
    for i = 11, 1000 do times[i] = i end
    found = values("b", times, 95)
    assert(found.mean_95 == "475.500000" and found.upper_95 == "950.000000")
end

function test_few_values()
    check(values("b", {7.5}, 90), {
        count = "1", count_ps = "0.100000", lower = "7.500000", upper = "7.500000", sum = "7.500000", mean = "7.500000",
        mean_90 = "7.500000", upper_90 = "7.500000"})
    check(values("b", {}, 90), {
        count = "0", count_ps = "0.000000", lower = "0.000000", upper = "0.000000", sum = "0.000000", mean = "0.000000",
        mean_90 = "0.000000", upper_90 = "0.000000"})
end

function test_timers()
    local text = graphite.multi_timeseries_metrics({x = {1}, y = {2, 4}}, 10, 90, 3)
    assert(string.find(text, "stats.timers.x.upper 1.000000 3\n", 1, true))
    assert(string.find(text, "stats.timers.y.mean 3.000000 3\n", 1, true))
    assert(graphite.multi_timeseries_metrics({}, 10, 90, 3) == "")
end

function test_seconds()
    assert(graphite.ns_to_sec(1999999999) == 1 and graphite.ns_to_sec(0) == 0)
end
