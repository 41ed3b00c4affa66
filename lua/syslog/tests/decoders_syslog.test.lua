-- decoders.syslog without a configuration.
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual),
            type(actual), tostring(expected)), 2)
    end
end

local asked, injected
function read_config(name) asked = name end
function inject_message(msg) injected[#injected + 1] = msg end

local decoder = require "decoders.syslog"

local LINE = "<38>Jul 28 10:11:12 gate sshd[4711]: Connection reset"

local function decode(...)
    injected = {}
    local err = decoder.decode(...)
    return injected[1], err
end

function test_the_configuration_has_the_name_of_the_module()
    equal(asked, "decoders_syslog")
end

function test_a_forwarded_line_becomes_a_message()
    local msg, err = decode(LINE)
    equal(err, nil)
    equal(#injected, 1)
    equal(msg.Severity, 6)
    equal(msg.Hostname, "gate")
    equal(msg.Pid, 4711)
    equal(msg.Payload, "Connection reset")
    equal(type(msg.Timestamp), "number")
    equal(msg.Fields.programname, "sshd")
    equal(msg.Fields.syslogfacility, 4)
    for _, name in ipairs{ "pri", "syslogtag", "timestamp", "hostname", "msg" } do
        equal(msg.Fields[name], nil, name)
    end
end

function test_default_headers_fill_what_the_line_does_not_have()
    local headers = { Type = "t", Logger = "l", Hostname = "old", Fields = { origin = "x" } }
    local msg = decode(LINE, headers)
    equal(msg.Type, "t")
    equal(msg.Logger, "l")
    equal(msg.Hostname, "gate")
    equal(msg.Fields.origin, "x")
    equal(headers.Hostname, "old")
    equal(headers.Fields.programname, nil)
end

function test_mutable_default_headers_become_the_message()
    local headers = { Type = "t", Fields = {} }
    local msg = decode(LINE, headers, true)
    equal(msg, headers)
    equal(headers.Fields.programname, "sshd")
end

function test_a_line_without_a_tag_has_no_pid()
    local msg = decode("<38>Jul 28 10:11:12 gate  text", { Pid = 9 })
    equal(msg.Fields.programname, "")
    equal(msg.Pid, nil)
    equal(msg.Payload, "text")
end

function test_lines_of_other_forms_are_refused_with_a_text()
    for _, line in ipairs{ "", "<", "<>Jul 28 10:11:12 gate a: b", "<38>",
        "Jul 28 10:11:12 gate a: b",
        "<38>2021-07-28T10:11:12Z gate a: b", string.rep("<", 100000) } do
        local msg, err = decode(line)
        equal(msg, nil, line)
        equal(err, "decoders.syslog parse failed")
    end
end

function test_data_that_is_no_text_is_an_error()
    equal(pcall(decode, nil), false)
    equal(pcall(decode, {}), false)
end

function test_an_error_of_the_injection_reaches_the_caller()
    local ok = pcall(function()
        injected = setmetatable({}, { __newindex = function() error("full") end })
        decoder.decode(LINE)
    end)
    equal(ok, false)
end

function test_a_huge_payload_is_passed_on_whole()
    local text = string.rep("x", 300000)
    equal(decode("<38>Jul 28 10:11:12 gate a: " .. text).Payload, text)
end
