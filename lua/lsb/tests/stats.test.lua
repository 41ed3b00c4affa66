-- lsb.stats
local math = require "math"
local string = require "string"
local stats = require "lsb.stats"

local NAN = 0 / 0

local function equal(actual, expected, what)
    local same = actual == expected or actual ~= actual and expected ~= expected
    if not same then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

local function near(actual, expected, what)
    if not (math.abs(actual - expected) < 1e-6) then
        error(string.format("%s: got %.9g, expected %.9g", what or "value", actual, expected), 2)
    end
end

local function check(array, first, last, expected)
    for _, name in ipairs{ "sum", "avg", "min", "max", "variance", "sd" } do
        local value, count = stats[name](array, first, last)
        equal(value, expected[name], name)
        equal(count, expected.count, name .. "'s count")
    end
end

function test_all_numbers_of_an_array_count()
    check({ 2, 4, 4, 4, 5, 5, 7, 9 }, nil, nil, { sum = 40, avg = 5, min = 2, max = 9, variance = 4,
        sd = 2, count = 8 })
end

function test_nan_is_left_out()
    check({ NAN, -3, NAN, 1 }, nil, nil, { sum = -2, avg = -1, min = -3, max = 1, variance = 4,
        sd = 2,
        count = 2 })
end

function test_a_part_of_an_array_can_be_taken()
    check({ 100, 1, 3, 100 }, 2, 3, { sum = 4, avg = 2, min = 1, max = 3, variance = 1, sd = 1,
        count = 2 })
    check({ 1, 3 }, 2, 9, { sum = 3, avg = 3, min = 3, max = 3, variance = 0, sd = 0, count = 1 })
end

function test_without_numbers_the_extremes_are_nan_and_the_rest_is_zero()
    local none = { sum = 0, avg = 0, min = NAN, max = NAN, variance = 0, sd = 0, count = 0 }
    check({}, nil, nil, none)
    check({ NAN, NAN }, nil, nil, none)
    check({ 1, 2 }, 5, 6, none)
    check({ 1, 2 }, 2, 1, none)
end

function test_infinite_values_are_values()
    equal((stats.max{ 1, math.huge }), math.huge)
    equal((stats.min{ 1, -math.huge }), -math.huge)
end

function test_values_that_are_no_numbers_are_errors()
    equal(pcall(stats.sum, { "x" }), false)
    equal(pcall(stats.min, { {} }), false)
    equal(pcall(stats.avg, nil), false)
end

function test_ndtr_is_the_normal_distribution()
    equal(stats.ndtr(NAN), NAN)
    near(stats.ndtr(0), 0.5)
    near(stats.ndtr(0.5), 0.6914624613)
    near(stats.ndtr(-0.5), 0.3085375387)
    near(stats.ndtr(1), 0.8413447461)
    near(stats.ndtr(-1), 0.1586552539)
    near(stats.ndtr(2), 0.9772498681)
    near(stats.ndtr(-3), 0.0013498980)
    equal(stats.ndtr(math.huge), 1)
    equal(stats.ndtr(-math.huge), 0)
end

function test_ndtr_never_falls()
    local before = 0
    for x = -4, 4, 0.0625 do
        local area = stats.ndtr(x)
        if area < before then error("falls at " .. x) end
        before = area
    end
end

function test_mannwhitneyu_of_separate_samples_is_zero_or_all_pairs()
    local u, p = stats.mannwhitneyu({ 1, 2, 3, 4 }, { 5, 6, 7, 8 })
    equal(u, 0)
    near(p, 0.0151911, "p")
    local reversed, same = stats.mannwhitneyu({ 5, 6, 7, 8 }, { 1, 2, 3, 4 })
    equal(reversed, 16)
    near(same, p, "p")
end

function test_mannwhitneyu_can_do_without_the_continuity_correction()
    local _, with = stats.mannwhitneyu({ 1, 2, 3, 4 }, { 5, 6, 7, 8 }, true)
    local _, without = stats.mannwhitneyu({ 1, 2, 3, 4 }, { 5, 6, 7, 8 }, false)
    near(with, 0.0151911)
    near(without, 0.0104607)
end

function test_mannwhitneyu_shares_the_ranks_of_ties()
    local u, p = stats.mannwhitneyu({ 1, 2, 2, 3 }, { 2, 3, 4, 5 }, false)
    equal(u, 2.5) -- ranks 1, 3, 3, 5.5
    near(p, 0.0507957, "p")
end

function test_mannwhitneyu_counts_nan_as_the_lowest_tie()
    local u = stats.mannwhitneyu({ NAN, NAN, 3 }, { NAN, 1, 2 })
    equal(u, 4) -- ranks 2, 2, 6
end

function test_mannwhitneyu_of_equal_values_returns_nothing()
    local results = { n = 0 }
    local function collect(...) results.n = #{ ... } end
    collect(stats.mannwhitneyu({ 1, 1, 1 }, { 1, 1 }))
    equal(results.n, 0)
end

function test_mannwhitneyu_of_no_values_has_no_probability()
    local u, p = stats.mannwhitneyu({}, {})
    equal(u, 0)
    equal(p, NAN)
end

function test_mannwhitneyu_leaves_its_arguments_as_they_are()
    local x, y = { 3, 1, 2 }, { 9, 8 }
    stats.mannwhitneyu(x, y)
    equal(x[1], 3)
    equal(x[2], 1)
    equal(y[1], 9)
end

function test_large_arrays_are_ranked()
    local x, y = {}, {}
    for i = 1, 3000 do x[i], y[i] = i % 97, i % 89 end
    local u, p = stats.mannwhitneyu(x, y)
    equal(u > 0 and p > 0 and p < 0.5, true)
end
