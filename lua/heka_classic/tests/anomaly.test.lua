-- Tests of anomaly with a buffer that answers from a list of rows; tests/anomaly.test.toml has those with circular buffers.
local anomaly = require "anomaly"
require "string"
require "table"
local math = require "math"

-- A buffer of one column with rows of a second, the newest at the time `now`; a row without a value is false.
local function new_buffer(values, now)
    local rows = #values
    local buffer = {added = {}, compared = {}}
    function buffer:get_configuration() return rows, 1, 1 end
    function buffer:current_time() return now * 1e9 end
    function buffer:get(ns) return ns <= now * 1e9 and 0 or nil end
    function buffer:add(ns, col, value) self.added[#self.added + 1] = {ns, col, value} end

    local function range(from, to)
        local found = {}
        local first = from and from / 1e9 - now + rows or 1
        for i = first, to / 1e9 - now + rows do
            assert(values[i] ~= nil, "outside of the buffer: " .. i)
            if values[i] then found[#found + 1] = values[i] end
        end
        return found
    end

    function buffer:compute(name, col, from, to)
        assert(col == 1)
        local found = range(from, to)
        local sum, squares = 0, 0
        for _, value in ipairs(found) do sum = sum + value end
        local average = sum / #found
        if name == "avg" then return average, #found end
        assert(name == "sd")
        for _, value in ipairs(found) do squares = squares + (value - average) ^ 2 end
        return math.sqrt(squares / #found), #found
    end

    -- U of complete separation or of complete overlap, with a probability to match.
    function buffer:mannwhitneyu(col, from1, to1, from2, to2)
        assert(col == 1)
        local one, two = range(from1, to1), range(from2, to2)
        self.compared[#self.compared + 1] = from2 / 1e9
        if #one == 0 or #two == 0 then return end
        if one[1] > two[1] then return #one * #two, 0.00001 end
        if one[1] < two[1] then return 0, 0.00001 end
        return #one * #two / 2, 0.9
    end
    return buffer
end

-- `count` rows for each of the values.
local function steps(count, ...)
    local values = {}
    for i = 1, select("#", ...) do
        for _ = 1, count do values[#values + 1] = (select(i, ...)) end
    end
    return values
end

local function detect(text, values, now)
    return anomaly.detect(now * 1e9, "g", new_buffer(values, now), anomaly.parse_config(text))
end

local function check_error(text, ...)
    local ok, message = pcall(...)
    assert(not ok and string.find(message, text, 1, true), tostring(message))
end

function test_calls_are_parsed()
    local config = anomaly.parse_config(' roc("a ""b""", 1,15,  0, 1.5, true,false)mww("x", 2, 60, 10, 0.0001, decreasing) '
        .. 'mww_nonparametric("x", 3, 15, 10, 0.55)')
    local roc = config['a "b"'][1]
    assert(#config['a "b"'] == 1 and roc.algorithm == "roc" and roc.col == 1 and roc.win == 15 and roc.hwin == 0)
    assert(roc.sd == 1.5 and roc.loss_of_data == true and roc.start_of_data == false)
    local mww, nonparametric = config.x[1], config.x[2]
    assert(#config.x == 2 and mww.algorithm == "mww" and mww.col == 2 and mww.win == 60 and mww.nwin == 10)
    assert(mww.pvalue == 0.0001 and mww.trend == "decreasing")
    assert(anomaly.parse_config('mww_nonparametric("x", 3, 15, 10, 0)').x[1].pstat == 0)
    assert(nonparametric.algorithm == "mww_nonparametric" and nonparametric.col == 3 and nonparametric.pstat == 0.55)
end

function test_no_text_is_no_config()
    assert(anomaly.parse_config(nil) == nil)
end

function test_other_texts_are_refused()
    local texts = {
        "", "bogus", 'roc("a", 1, 15, 0, 1.5, true)', 'roc("a" , 1, 15, 0, 1.5, true, false)',
        'roc("", 1, 15, 0, 1.5, true, false)',
        'mww("a", 1, 2, 3, 0.1, sideways)', 'mww("a", -1, 2, 3, 0.1, any)', 'mww_nonparametric("a", 1, 2, 3, 1.5)',
        'roc("a", 1, 15, 0, 1.5, true, false) x', 'roc("a, 1, 15, 0, 1.5, true, false)', string.rep('roc("a', 20000),
    }
    for _, text in ipairs(texts) do check_error("could not parse the anomaly_config", anomaly.parse_config, text) end
    check_error("could not parse the anomaly_config", anomaly.parse_config, 5)
    check_error("could not parse the anomaly_config", anomaly.parse_config, {})
end

function test_a_jump_is_a_rate_of_change()
    local values = steps(10, 1, 2, 1, 2, 5, 9)
    values[#values + 1] = 100
    local text, annotations = detect('roc("g", 1, 10, 0, 2, false, false)', values, 1000)
    assert(text == "g - algorithm: roc col: 1 msg: detected anomaly, standard deviation exceeds 2", text)
    assert(#annotations == 1 and annotations[1].x == 1000000 and annotations[1].col == 1)
    assert(annotations[1].shortText == "A" and annotations[1].text == "detected anomaly, standard deviation exceeds 2")
    -- The deviation is 0.5.
    assert(detect('roc("g", 1, 10, 0, 8, false, false)', values, 1000) == nil)
    assert(detect('roc("g", 1, 10, 0, 7.9, false, false)', values, 1000))
end

function test_the_history_can_be_shorter_than_the_buffer()
    local values = steps(10, 1, 100, 2, 2, 5, 9)
    values[#values + 1] = 0
    assert(detect('roc("g", 1, 10, 0, 1, false, false)', values, 1000) == nil)
    assert(detect('roc("g", 1, 10, 20, 1, false, false)', values, 1000))
    check_error("g - algorithm: roc col: 1 msg: win=10 hwin=41 arguments out of range (rows=61)",
        detect, 'roc("g", 1, 10, 41, 1, false, false)', values, 1000)
    assert(detect('roc("g", 1, 10, 40, 1, false, false)', values, 1000) == nil)
    assert(detect('roc("g", 1, 10, 10, 1, false, false)', values, 1000))
    check_error("win=10 hwin=1 arguments out of range", detect, 'roc("g", 1, 10, 1, 1, false, false)', values, 1000)
end

function test_data_that_stop_and_begin()
    local stopped, begun = steps(10, 1, 1, 1, 1, false), steps(10, false, false, false, false, 1)
    stopped[#stopped + 1], begun[#begun + 1] = false, false
    assert(detect('roc("g", 1, 10, 0, 2, true, false)', stopped, 1000) == "g - algorithm: roc col: 1 msg: no new data")
    assert(detect('roc("g", 1, 10, 0, 2, false, true)', stopped, 1000) == nil)
    assert(detect('roc("g", 1, 10, 0, 2, false, true)', begun, 1000) == "g - algorithm: roc col: 1 msg: unexpected data")
    assert(detect('roc("g", 1, 10, 0, 2, true, false)', begun, 1000) == nil)
    -- One row in the window before is enough.
    for i = 31, 39 do stopped[i] = false end
    assert(detect('roc("g", 1, 10, 0, 2, true, false)', stopped, 1000) == "g - algorithm: roc col: 1 msg: no new data")
end

function test_windows_must_fit_into_the_buffer()
    local values = steps(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    check_error("g - algorithm: roc col: 1 msg: win=4 hwin=0 arguments out of range (rows=12)",
        detect, 'roc("g", 1, 4, 0, 2, false, false)', values, 1000)
    check_error("win=3 hwin=2 arguments out of range", detect, 'roc("g", 1, 3, 2, 2, false, false)', values, 1000)
    check_error("g - algorithm: mww col: 1 msg: arguments out of range", detect, 'mww("g", 1, 4, 3, 0.1, any)', values, 1000)
    check_error("g - algorithm: mww_nonparametric col: 1 msg: arguments out of range",
        detect, 'mww_nonparametric("g", 1, 4, 3, 0.6)', values, 1000)
    assert(detect('roc("g", 1, 3, 0, 2, false, false)', values, 1000) == nil)
end

function test_trends()
    local falling, rising = steps(4, 5, 4, 3, 2, 1), steps(4, 1, 2, 3, 4, 5)
    falling[#falling + 1], rising[#rising + 1] = 0, 0
    local cases = {
        {"decreasing", falling, ", decreasing values"}, {"decreasing", rising},
        {"increasing", rising, ", increasing values"}, {"increasing", falling},
        {"any", falling, ""}, {"any", rising, ""}, {"any", steps(21, 1)},
    }
    for i, case in ipairs(cases) do
        local text = detect('mww("g", 1, 4, 5, 0.001, ' .. case[1] .. ')', case[2], 1000)
        local expected = case[3] and "g - algorithm: mww col: 1 msg: detected anomaly" .. case[3]
        assert(text == expected, i .. ": " .. tostring(text))
    end
    assert(detect('mww("g", 1, 4, 5, 0.00001, any)', rising, 1000) == nil)
end

function test_more_than_a_quarter_of_the_windows_must_differ()
    -- Of four windows before the newest, at the times of today.
    local now = 1400000000
    local one, two = steps(4, 1, 2, 2, 2, 2), steps(4, 1, 1, 2, 2, 2)
    one[#one + 1], two[#two + 1] = 0, 0
    assert(detect('mww("g", 1, 4, 5, 0.001, any)', one, now) == nil)
    assert(detect('mww("g", 1, 4, 5, 0.001, any)', two, now))
end

function test_overlap()
    local now = 1400000000
    local rising, falling = steps(4, 1, 2, 3, 4, 5), steps(4, 5, 4, 3, 2, 1)
    rising[#rising + 1], falling[#falling + 1] = 0, 0
    assert(detect('mww_nonparametric("g", 1, 4, 5, 0.6)', rising, now)
        == "g - algorithm: mww_nonparametric col: 1 msg: detected anomaly, pstat: 1")
    assert(detect('mww_nonparametric("g", 1, 4, 5, 0.4)', rising, now) == nil)
    assert(detect('mww_nonparametric("g", 1, 4, 5, 0.4)', falling, now)
        == "g - algorithm: mww_nonparametric col: 1 msg: detected anomaly, pstat: 0")
    assert(detect('mww_nonparametric("g", 1, 4, 5, 0.6)', falling, now) == nil)
    assert(detect('mww_nonparametric("g", 1, 4, 5, 0.5)', rising, now) == nil)
    assert(detect('mww_nonparametric("g", 1, 4, 1, 0.6)', rising, now) == nil)
end

function test_the_oldest_window_counts_at_the_times_of_today_alone()
    local values = steps(4, 1, 2, 3, 4, 5)
    values[#values + 1] = 0
    for _, case in ipairs{{1400000000, 4}, {1000, 3}} do
        local buffer = new_buffer(values, case[1])
        anomaly.detect(case[1] * 1e9, "g", buffer, anomaly.parse_config('mww("g", 1, 4, 5, 0.1, any)'))
        assert(#buffer.compared == case[2], #buffer.compared)
        for i, from in ipairs(buffer.compared) do assert(from == case[1] - 4 * (i + 1)) end
    end
end

function test_all_that_is_found_is_returned()
    local values = steps(4, 1, 2, 3, 4, 5)
    values[#values + 1] = 0
    local text, annotations = detect('mww("g", 1, 4, 5, 0.1, any)roc("h", 1, 4, 0, 1, true, true)'
        .. 'mww("g", 1, 4, 5, 0.1, increasing)mww("g", 1, 4, 5, 0.1, decreasing)', values, 1000)
    assert(text == "g - algorithm: mww col: 1 msg: detected anomaly\n"
        .. "g - algorithm: mww col: 1 msg: detected anomaly, increasing values", text)
    assert(#annotations == 2 and annotations[2].text == "detected anomaly, increasing values")
end

function test_a_buffer_is_looked_at_once_per_row()
    local values = steps(4, 1, 2, 3, 4, 5)
    values[#values + 1] = 0
    local buffer, config = new_buffer(values, 1000), anomaly.parse_config('mww("g", 1, 4, 5, 0.1, any)')
    assert(anomaly.detect(1000e9, "g", buffer, config))
    assert(anomaly.detect(1000.5e9, "g", buffer, config) == nil)
    assert(anomaly.detect(1001e9, "g", buffer, config))
    assert(anomaly.detect(900e9, "g", buffer, config) == nil)
end

function test_the_buffer_is_moved_on()
    local buffer = new_buffer(steps(5, 1), 1000)
    assert(anomaly.detect(1000e9, "other", buffer, {}) == nil and #buffer.added == 0)
    anomaly.detect(1001e9, "other", buffer, {})
    assert(#buffer.added == 1 and buffer.added[1][1] == 1001e9 and buffer.added[1][2] == 1)
    assert(buffer.added[1][3] ~= buffer.added[1][3])
end

function test_an_algorithm_that_does_not_exist()
    check_error("g - algorithm: magic col: 1 msg: unknown algorithm",
        anomaly.detect, 1000e9, "g", new_buffer({1, 2}, 1000), {g = {{algorithm = "magic", col = 1}}})
end
