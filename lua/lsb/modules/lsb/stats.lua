--[[
Statistics over arrays of numbers. Values that are NaN or nil are left out.

Exports
  sum, avg, min, max, variance, sd (array, first, last)
      The statistic over the elements first (default 1) to last (default #array), and how many
      numbers there were. Without any, min and max are NaN, the others 0. The variance is that of a
      population.
  ndtr(x)
      The area under the standard normal distribution from minus infinity to x; NaN for NaN.
  mannwhitneyu(x, y, use_continuity)
      The Mann-Whitney U of array x against array y, and its one-sided p value by the normal
      approximation, corrected for ties and, unless use_continuity is false, for continuity.
      Sensible for more than 20 values in each array. NaNs count as ties of the lowest rank.
      Returns nothing if all values are equal.
--]]

local math = require "math"
local table = require "table"

local ipairs = ipairs
local abs, erf, erfc, sqrt = math.abs, math.erf, math.erfc, math.sqrt

local NAN = 0 / 0
local HALF_ROOT = sqrt(0.5)

local M = {}

-- Folds f over the numbers of a part of the array; also returns their count.
local function fold(array, first, last, initial, f)
    local result, count = initial, 0
    for i = first or 1, last or #array do
        local value = array[i]
        if value and value == value then
            result = f(result, value)
            count = count + 1
        end
    end
    return result, count
end

local function add(a, b) return a + b end
local function lesser(a, b) return b < a and b or a end
local function greater(a, b) return b > a and b or a end

function M.sum(array, first, last)
    return fold(array, first, last, 0, add)
end

function M.avg(array, first, last)
    local sum, count = M.sum(array, first, last)
    if count == 0 then return 0, 0 end
    return sum / count, count
end

function M.min(array, first, last)
    local min, count = fold(array, first, last, math.huge, lesser)
    return count == 0 and NAN or min, count
end

function M.max(array, first, last)
    local max, count = fold(array, first, last, -math.huge, greater)
    return count == 0 and NAN or max, count
end

function M.variance(array, first, last)
    local mean, count = M.avg(array, first, last)
    if count == 0 then return 0, 0 end
    local squares = fold(array, first, last, 0, function(sum, value)
        local deviation = value - mean
        return sum + deviation * deviation
    end)
    return squares / count, count
end

function M.sd(array, first, last)
    local variance, count = M.variance(array, first, last)
    return sqrt(variance), count
end

-- Near 0 through erf, farther away through erfc, which keeps its precision in the tails.
function M.ndtr(x)
    if x ~= x then return x end
    local z = x * HALF_ROOT
    if abs(z) < HALF_ROOT then return 0.5 + 0.5 * erf(z) end
    local tail = 0.5 * erfc(abs(z))
    if x > 0 then return 1 - tail end
    return tail
end

-- Rank test ---------------------------------------------------------------------------------------

local function is_nan(value)
    return value ~= value
end

local function tied(a, b)
    return a == b or is_nan(a) and is_nan(b)
end

local function before(a, b)
    if is_nan(a.value) then return not is_nan(b.value) end
    return a.value < b.value
end

-- Sets the rank of each sample of a sorted list; tied samples share the mean of their ranks.
-- Returns the factor by which ties reduce the variance of U: 0 if all are tied.
local function rank(samples)
    local size = #samples
    local ties = 0
    local first = 1
    while first <= size do
        local last = first
        while last < size and tied(samples[first].value, samples[last + 1].value) do
            last = last + 1
        end
        for i = first, last do samples[i].rank = (first + last) / 2 end
        local group = last - first + 1
        ties = ties + group^3 - group
        first = last + 1
    end
    return 1 - ties / (size^3 - size)
end

function M.mannwhitneyu(x, y, use_continuity)
    local samples = {}
    for _, value in ipairs(x) do samples[#samples + 1] = { value = value, of_x = true } end
    for _, value in ipairs(y) do samples[#samples + 1] = { value = value } end
    table.sort(samples, before)

    local tie_correction = rank(samples)
    if tie_correction == 0 then return end

    local rank_sum = 0
    for _, sample in ipairs(samples) do
        if sample.of_x then rank_sum = rank_sum + sample.rank end
    end

    local n1, n2 = #x, #y
    local u1 = rank_sum - n1 * (n1 + 1) / 2
    local u2 = n1 * n2 - u1
    local distance = math.max(u1, u2) - n1 * n2 / 2
    if use_continuity ~= false then distance = distance - 0.5 end
    local deviation = sqrt(tie_correction * n1 * n2 * (n1 + n2 + 1) / 12)
    return u1, M.ndtr(-abs(distance / deviation))
end

return M
