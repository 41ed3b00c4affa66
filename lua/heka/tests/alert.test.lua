-- Tests of heka.alert, set up without a lookup module. Destinations are made up, and the clock is ours.
local os = require "os"
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual), type(actual),
            tostring(expected)), 2)
    end
end

local configuration = {
    Logger = "analysis.a-b", Hostname = "gate", Pid = 17,
    alert = {
        throttle = 2,
        modules = {email = {recipients = {"a@example.com"}}},
        thresholds = {one = {percent = 1}, ["*"] = {percent = 2}, _default_ = {percent = 3}},
    },
}
function read_config(name) return configuration[name] end

local injected, refuse = {}, nil
function inject_message(msg)
    if refuse then error(refuse, 0) end
    injected[#injected + 1] = msg
end

local now = 1000
os.time = function() return now end

local real_require = require
function require(name)
    if name == "heka.alert.email" then return {{name = "email.recipients", value = {"<a@example.com>"}}} end
    return real_require(name)
end
local alert = real_require "heka.alert"
require = real_require

function test_an_alert_has_the_fields_of_its_destinations()
    injected = {}
    equal(alert.send("id1", "summary", "detail"), true)
    equal(#injected, 1)
    local msg = injected[1]
    equal(msg.Type, "alert")
    equal(msg.Severity, 1)
    equal(msg.Payload, "detail")
    equal(#msg.Fields, 3)
    equal(msg.Fields[1].name, "id")
    equal(msg.Fields[1].value, "id1")
    equal(msg.Fields[2].name, "summary")
    equal(msg.Fields[2].value, "summary")
    equal(msg.Fields[3].name, "email.recipients")
    equal(msg.Fields[3].value[1], "<a@example.com>")
end

function test_an_alert_without_a_summary_is_none()
    injected = {}
    equal(alert.send("id2", nil, "detail"), false)
    equal(alert.send("id2", "", "detail"), false)
    equal(#injected, 0)
    equal(alert.throttled("id2"), false)
end

function test_the_next_alert_of_an_id_waits()
    now, injected = 5000, {}
    equal(alert.throttled("id3"), false)
    equal(alert.send("id3", "s", "d"), true)
    equal(alert.throttled("id3"), true)
    equal(alert.throttled("other"), false)
    now = 5000 + 120
    equal(alert.send("id3", "s", "d"), false)
    now = 5000 + 121
    equal(alert.throttled("id3"), false)
    equal(alert.send("id3", "s", "d"), true)
    equal(#injected, 2)
end

function test_a_call_can_say_how_long()
    now = 9000
    equal(alert.send("id4", "s", "d", 0), true)
    equal(alert.send("id4", "s", "d", 0), true)
    equal(alert.throttled("id4", 0), false)
    now = 9000 + 60
    equal(alert.throttled("id4", 1), true)
    now = 9000 + 61
    equal(alert.throttled("id4", 1), false)
    equal(alert.throttled("id4"), true)
    equal(alert.throttled("id4", "1"), true, "no number")
end

function test_an_alert_that_cannot_be_injected_throttles_nothing()
    refuse = "injection limit exceeded"
    local ok, err = pcall(alert.send, "id5", "s", "d")
    refuse = nil
    equal(ok, false)
    equal(err, "injection limit exceeded")
    equal(alert.send("id5", "s", "d"), true)
end

function test_thresholds_are_by_id()
    equal(alert.get_threshold("one").percent, 1)
    equal(alert.get_threshold("two").percent, 2)
    equal(alert.thresholds, configuration.alert.thresholds)
    equal(alert.has_lookup(), false)
end

function test_an_address_of_the_dashboard_has_no_odd_characters()
    equal(alert.get_dashboard_uri("id"), "https://gate/dashboard_output/graphs/analysis.a_b.id.html")
    equal(alert.get_dashboard_uri("i/d", "cbuf"), "https://gate/dashboard_output/graphs/analysis.a_b.i_d.html")
    equal(alert.get_dashboard_uri("i d", "t.x/t"), "https://gate/dashboard_output/analysis.a_b.i_d.t.x_t")
end

function test_the_configuration_stays_as_it_is()
    equal(configuration.alert.throttle, 2)
end
