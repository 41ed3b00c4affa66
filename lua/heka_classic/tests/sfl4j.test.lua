-- Tests of sfl4j.
require "string"
require "os"
local grammar = require "sfl4j".logevent_grammar

local function event(level, rest)
    return level .. " [2015-06-07 08:09:10,125] org.example.Job: it failed\n" .. (rest or "")
end

function test_one_line()
    local t = grammar:match(event("ERROR"))
    assert(t.severity == 3)
    assert(t.timestamp == (os.time{year = 2015, month = 6, day = 7, hour = 8, min = 9, sec = 10} + 0.125) * 1e9)
    assert(t.class == "org.example.Job" and t.message == "it failed" and t.stacktrace == "")
end

function test_levels_are_those_of_syslog()
    local levels = {TRACE = 7, DEBUG = 7, INFO = 6, WARN = 4, ERROR = 3, FATAL = 0}
    for level, severity in pairs(levels) do
        assert(grammar:match(event(level)).severity == severity, level)
        assert(grammar:match(event(string.lower(level))).severity == severity, level)
    end
    assert(grammar:match(event("Error")) == nil)
    assert(grammar:match(event("NOTICE")) == nil)
end

function test_lines_that_follow_are_the_stack_trace()
    local trace = "! java.io.IOException: gone\n! at org.example.Job.run(Job.java:5)\n"
    assert(grammar:match(event("WARN", trace)).stacktrace == trace)
    assert(grammar:match(event("WARN", trace .. "no line end")).stacktrace == trace)
end

function test_fractions_may_be_left_out()
    assert(grammar:match("INFO [2015-06-07 08:09:10,] a: b\n").timestamp % 1e9 == 0)
    assert(grammar:match("INFO [2015-06-07 08:09:10] a: b\n") == nil)
    assert(grammar:match("INFO [2015-06-07 08:09:10,12] a: b\n") == nil)
end

function test_hostile_texts()
    local whole = event("INFO")
    for length = 0, #whole - 1 do assert(grammar:match(string.sub(whole, 1, length)) == nil, length) end
    assert(grammar:match(string.rep("x", 100000)) == nil)
    assert(not pcall(grammar.match, grammar, nil))
    local trace = string.rep("! at\n", 50000)
    assert(#grammar:match(event("INFO", trace)).stacktrace == #trace)
end
