-- decoders.syslog with a template that has no priority, no syslogtag and no time.
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual),
            type(actual), tostring(expected)), 2)
    end
end

function read_config()
    return {
        template = '%syslogseverity-text%/%syslogpriority% %source% %programname% %msgid% "%msg%"',
        sub_decoders = { app = "lpeg.linux.groupadd" },
    }
end

local injected
function inject_message(msg) injected = msg end

local decoder = require "decoders.syslog"

local function decode(headers)
    injected = nil
    local err = decoder.decode('warning/3 gate app ID7 "some text"', headers)
    equal(err, nil)
    return injected
end

function test_severity_and_host_have_several_sources()
    local msg = decode()
    equal(msg.Severity, 4)
    equal(msg.Hostname, "gate")
    equal(msg.Fields["syslogseverity-text"], nil)
    equal(msg.Fields.syslogpriority, nil)
    equal(msg.Fields.source, nil)
end

function test_other_properties_are_fields()
    equal(decode().Fields.msgid, "ID7")
end

function test_headers_that_the_template_lacks_are_cleared()
    local msg = decode{ Timestamp = 1, Hostname = "old", Severity = 1, Pid = 5, EnvVersion = "2" }
    equal(msg.Timestamp, nil)
    equal(msg.Severity, 4)
    equal(msg.Pid, 5)
    equal(msg.EnvVersion, "2")
end

function test_a_program_name_outside_of_syslogtag_chooses_no_sub_decoder()
    local msg = decode()
    equal(msg.Fields.programname, "app")
    equal(msg.Payload, "some text")
end
