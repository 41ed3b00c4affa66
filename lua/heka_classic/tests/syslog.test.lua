-- Heka's module name for rsyslog templates.
local string = require "string"
local l = require "lpeg"
local syslog = require "syslog"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

function test_a_template_becomes_a_grammar()
    local grammar = syslog.build_rsyslog_grammar(
        "%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%"
        .. "%msg:::drop-last-lf%\\n")
    local fields = grammar:match("2014-02-10T12:58:58-08:00 x230 rsyslogd[9]: started.\n")
    equal(fields.timestamp, 1392065938e9)
    equal(fields.hostname, "x230")
    equal(fields.syslogtag.programname, "rsyslogd")
    equal(fields.msg, "started.")
end

function test_severity_words_are_numbers()
    equal(l.match(syslog.severity, "notice"), 5)
end

function test_a_missing_template_is_an_error()
    equal(pcall(syslog.build_rsyslog_grammar, nil), false)
    local ok, err = pcall(syslog.build_rsyslog_grammar, "")
    equal(ok, false)
    assert(string.find(err, "could not parse the rsyslog template", 1, true), err)
end
