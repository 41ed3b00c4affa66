--[[
Finds what is unusual in a column of a circular buffer.

  parse_config(text)
      A table for detect from the calls in the text, which may stand one after the other with blanks between them; nil for
      nil; otherwise the error "could not parse the anomaly_config".
  detect(ns, name, buffer, config)
      Moves the buffer on to the time ns if need be, and runs what is configured for that payload name, at most once per row.
      Returns the text for an alert, a line per anomaly, and an array of annotations; nothing when all is as usual. The
      newest row is left out, because it is not complete yet.

The calls, each for a payload name ("" inside of it is a quotation mark), a column, and windows in rows:

  roc("name", col, win, hwin, sd, loss_of_data, start_of_data)
      rate of change, for values around a mean: the average of the newest `win` rows is further from that of the `win` rows
      before than `sd` times the standard deviation of the history, which is the `hwin` rows before those (0: all of them).
      loss_of_data and start_of_data (true or false): also when values stop, or begin, from one window to the other.
  mww("name", col, win, nwin, pvalue, trend)
      Mann-Whitney-Wilcoxon test, for slow changes: the newest of `nwin` windows differs from more than a quarter of the
      others with a probability below `pvalue`. The trend is decreasing, increasing or any. A window should have 20 rows or
      more.
  mww_nonparametric("name", col, win, nwin, pstat)
      the same test without an assumption on how values are distributed: the overlap of the newest window with the others.
      Values of `pstat` below 0.5 are for decreasing values, above for increasing ones.

Filters make it a setting:

  [http_status]
  type = "SandboxFilter"
  filename = "lua_filters/http_status.lua"
    [http_status.config]
    anomaly_config = 'roc("HTTP Status", 2, 15, 0, 1.5, true, false) mww_nonparametric("HTTP Status", 5, 15, 10, 0.8)'
--]]

local annotation = require "annotation"
local lpeg = require "lpeg"
local math = require "math"
local string = require "string"
local table = require "table"

local error, ipairs, tonumber, type = error, ipairs, tonumber, type
local format = string.format

lpeg.locale(lpeg)
local P, C, Cc, Cg, Cs, Ct = lpeg.P, lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Cs, lpeg.Ct
local digit, space = lpeg.digit, lpeg.space

local M = {}

-- ---------------------------------------------------------------------------------------------------------------------
-- Configuration

local uint = digit^1 / tonumber
local decimal = digit^1 * ("." * digit^1)^-1 / tonumber
local fraction = "0" * ("." * digit^1)^-1 / tonumber
local bool = P"true" * Cc(true) + P"false" * Cc(false)
local trend = C(P"decreasing" + "increasing" + "any")
local quoted = '"' * Cs((P'""' / '"' + (1 - P'"'))^1) * '"'

-- A call captures {name, {algorithm = ..., and the arguments by their names}}; `parameters` are pairs of name and pattern.
local function call(algorithm, parameters)
    local arguments = Cg(Cc(algorithm), "algorithm")
    for i = 1, #parameters, 2 do
        arguments = arguments * "," * space^0 * Cg(parameters[i + 1], parameters[i])
    end
    return Ct(space^0 * (algorithm .. "(") * quoted * Ct(arguments) * ")")
end

local calls = Ct((
    call("roc", {"col", uint, "win", uint, "hwin", uint, "sd", decimal, "loss_of_data", bool, "start_of_data", bool})
    + call("mww", {"col", uint, "win", uint, "nwin", uint, "pvalue", decimal, "trend", trend})
    + call("mww_nonparametric", {"col", uint, "win", uint, "nwin", uint, "pstat", fraction}))^1) * -1

function M.parse_config(text)
    if text == nil then return end
    local found = type(text) == "string" and calls:match(text)
    if not found then error("could not parse the anomaly_config") end
    local config = {}
    for _, entry in ipairs(found) do
        local name, arguments = entry[1], entry[2]
        local list = config[name] or {}
        list[#list + 1] = arguments
        config[name] = list
    end
    return config
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Algorithms: functions (name, buffer, arguments) that return what they found, or nil.

local function labelled(name, arguments, text)
    return format("%s - algorithm: %s col: %d msg: %s", name, arguments.algorithm, arguments.col, text)
end

-- A number of rows as a range: the end is the start of the last one.
local function range(start, rows, row_ns)
    return {from = start, to = start + (rows - 1) * row_ns}
end

-- The newest window, and an array of those before it.
local function windows_of(name, buffer, arguments)
    local rows, _, seconds_per_row = buffer:get_configuration()
    local win, nwin = arguments.win, arguments.nwin
    if win * nwin >= rows then error(labelled(name, arguments, "arguments out of range")) end
    local row_ns, now = seconds_per_row * 1e9, buffer:current_time()
    local length = win * row_ns
    -- For times of our days the 1 is lost in the rounding, and the oldest of the nwin windows is one of them; up to 2^53 ns
    -- it is not. Thresholds are tuned to that.
    local oldest = now - length * nwin + 1
    local others = {}
    for start = now - 2 * length, oldest, -length do others[#others + 1] = range(start, win, row_ns) end
    return range(now - length, win, row_ns), others
end

local function mww(name, buffer, arguments)
    local col, trend = arguments.col, arguments.trend
    local newest, others = windows_of(name, buffer, arguments)
    local average = buffer:compute("avg", col, newest.from, newest.to)

    local function has_trend(window)
        if trend == "any" then return true end
        local before = buffer:compute("avg", col, window.from, window.to)
        if trend == "decreasing" then return before > average end
        return before < average
    end

    local different = 0
    for _, window in ipairs(others) do
        if has_trend(window) then
            local _, p = buffer:mannwhitneyu(col, newest.from, newest.to, window.from, window.to)
            if p and p < arguments.pvalue then different = different + 1 end
        end
    end
    if different <= arguments.nwin / 4 then return end
    return trend == "any" and "detected anomaly" or format("detected anomaly, %s values", trend)
end

-- What the statistic is when windows overlap completely.
local OVERLAP = 0.5

local function mww_nonparametric(name, buffer, arguments)
    local newest, others = windows_of(name, buffer, arguments)
    local sum = 0
    for _, window in ipairs(others) do
        local u = buffer:mannwhitneyu(arguments.col, newest.from, newest.to, window.from, window.to)
        if u then sum = sum + u / (arguments.win * arguments.win) - OVERLAP end
    end
    local threshold, pstat = arguments.pstat, sum / (arguments.nwin - 1) + OVERLAP
    if threshold < OVERLAP and pstat < threshold or threshold > OVERLAP and pstat > threshold then
        return format("detected anomaly, pstat: %G", pstat)
    end
end

local function roc(name, buffer, arguments)
    local rows, _, seconds_per_row = buffer:get_configuration()
    local col, win, hwin = arguments.col, arguments.win, arguments.hwin
    if 3 * win >= rows or hwin > 0 and (hwin < win or 2 * win + hwin >= rows) then
        error(labelled(name, arguments,
            format("win=%d hwin=%d arguments out of range (rows=%d)", win, hwin, rows)))
    end

    local now, row_ns = buffer:current_time(), seconds_per_row * 1e9
    local current = range(now - win * row_ns, win, row_ns)
    local previous = range(now - 2 * win * row_ns, win, row_ns)
    local history = hwin > 0 and previous.from - hwin * row_ns or nil
    local deviation = buffer:compute("sd", col, history, previous.from - row_ns)
    local previous_average, previous_count = buffer:compute("avg", col, previous.from, previous.to)
    local current_average, current_count = buffer:compute("avg", col, current.from, current.to)

    if arguments.loss_of_data and previous_count > 0 and current_count == 0 then return "no new data" end
    if arguments.start_of_data and previous_count == 0 and current_count > 0 then return "unexpected data" end
    -- Without values an average is NaN, and this is false.
    if math.abs(current_average - previous_average) > deviation * arguments.sd then
        return format("detected anomaly, standard deviation exceeds %G", arguments.sd)
    end
end

local algorithms = {roc = roc, mww = mww, mww_nonparametric = mww_nonparametric}

-- ---------------------------------------------------------------------------------------------------------------------

-- At most once per row: the ticker may be faster than the buffer's rows.
local function is_due(ns, list, buffer)
    if not list.last_run then
        local _, _, seconds_per_row = buffer:get_configuration()
        list.last_run, list.interval = 0, seconds_per_row * 1e9
    end
    return ns > list.last_run and ns - list.last_run >= list.interval
end

function M.detect(ns, name, buffer, config)
    -- The graph moves on even when there are no values.
    if not buffer:get(ns, 1) then buffer:add(ns, 1, 0/0) end

    local list = config[name]
    if not list or not is_due(ns, list, buffer) then return end
    list.last_run = ns

    local texts, annotations = {}, {}
    for _, arguments in ipairs(list) do
        local algorithm = algorithms[arguments.algorithm]
        if not algorithm then error(labelled(name, arguments, "unknown algorithm")) end
        local text = algorithm(name, buffer, arguments)
        if text then
            texts[#texts + 1] = labelled(name, arguments, text)
            annotations[#annotations + 1] = annotation.create(buffer:current_time(), arguments.col, "A", text)
        end
    end
    if texts[1] then return table.concat(texts, "\n"), annotations end
end

return M
