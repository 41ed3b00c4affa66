-- Tests of heka.message_defaults.
local fill = require("heka.message_defaults").fill

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

function test_headers_that_are_missing_are_filled()
    local msg = {Type = "own", Pid = 0}
    fill(msg, {Uuid = "u", Timestamp = 1, Type = "t", Logger = "l", Severity = 2, Payload = "p", EnvVersion = "v",
        Pid = 3, Hostname = "h", other = true})
    equal(msg.Type, "own")
    equal(msg.Pid, 0)
    equal(msg.Uuid, "u")
    equal(msg.Timestamp, 1)
    equal(msg.Logger, "l")
    equal(msg.Severity, 2)
    equal(msg.Payload, "p")
    equal(msg.EnvVersion, "v")
    equal(msg.Hostname, "h")
    equal(msg.other, nil)
    equal(msg.Fields, nil)
end

function test_fields_that_are_missing_are_filled()
    local defaults = {Fields = {a = 1, b = 2, c = 3}}
    local msg = {Fields = {a = 5, b = false}}
    fill(msg, defaults)
    equal(msg.Fields.a, 5)
    equal(msg.Fields.b, false)
    equal(msg.Fields.c, 3)

    msg = {}
    fill(msg, defaults)
    equal(msg.Fields.a, 1)
    msg.Fields.a = 9
    equal(defaults.Fields.a, 1)
end

function test_fields_that_are_no_table_are_none()
    local msg = {Fields = "text"}
    fill(msg, {Fields = {a = 1}})
    equal(msg.Fields.a, 1)
    fill(msg, {Fields = "text"})
    equal(msg.Fields.a, 1)
end

function test_there_need_not_be_defaults()
    local msg = {Type = "t"}
    fill(msg, nil)
    equal(msg.Type, "t")
    equal(msg.Fields, nil)
end
