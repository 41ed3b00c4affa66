-- What plugin_monitor.lua alerts about. Messages and the destination of alerts are made up.
local string = require "string"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local configuration = {
    Logger = "analysis.plugin_monitor",
    alert = {
        modules = {made_up = {}},
        thresholds = {
            ["analysis.both"] = {process_message_failures = {percent = 5, minimum_sample = 100}, terminated = true},
            ["analysis.many"] = {process_message_failures = {percent = 5, minimum_sample = 100}},
            ["analysis.failures"] = {process_message_failures = {percent = 50, minimum_sample = 0}},
            ["analysis.quiet"] = {terminated = false},
            _default_ = {terminated = true},
        },
    },
}
function read_config(name) return configuration[name] end

local message
function read_message(name, field_index, array_index)
    local value = message[name]
    if type(value) == "table" then return value[array_index + 1] end
    return value
end

local alerts
function inject_message(msg)
    alerts[#alerts + 1] = string.format("%s: %s: %s", msg.Fields[1].value, msg.Fields[2].value, msg.Payload)
end

local real_require = require
function require(name)
    if name == "heka.alert.made_up" then return {} end
    return real_require(name)
end
assert(loadfile("plugin_monitor.lua"))()
require = real_require

-- The one alert about a message, and the status.
local function alert_about(msg)
    message, alerts = msg, {}
    local status, err = process_message()
    assert(#alerts <= 1)
    return alerts[1], status, err
end

local function stats(name, count, failures)
    return alert_about{Type = "hindsight.plugin.stats", ["Fields[name]"] = name,
        ["Fields[deltas]"] = {0, 0, count, failures, 0}}
end

local function terminated(name)
    return alert_about{Type = "hindsight.plugin.terminated", ["Fields[name]"] = name, Payload = "boom"}
end

function test_too_many_failures_are_an_alert()
    equal(stats("analysis.many", 100, 5), nil)
    equal(stats("analysis.many", 99, 99), nil)
    equal(stats("analysis.many", 200, 25), "analysis.many: process_message_failures: 12.5% of recent messages failed")
end

function test_the_next_alert_of_a_plugin_waits()
    stats("analysis.failures", 4, 3)
    equal(stats("analysis.failures", 4, 4), nil)
end

function test_no_messages_are_no_failures()
    equal(stats("analysis.failures", 0, 0), nil)
end

function test_a_termination_is_always_an_alert()
    equal(terminated("analysis.both"), "analysis.both: terminated: boom")
    equal(terminated("analysis.both"), "analysis.both: terminated: boom")
    equal(terminated("analysis.other"), "analysis.other: terminated: boom")
    equal(terminated("analysis.quiet"), nil)
    equal(terminated("analysis.failures"), nil)
end

function test_other_messages_are_none_of_its_business()
    equal(alert_about{Type = "hindsight.plugin.other", ["Fields[name]"] = "analysis.both"}, nil)
    equal(stats("analysis.other", 100, 100), nil)
end

function test_messages_that_lack_something_fail()
    local _, status, err = alert_about{Type = "hindsight.plugin.stats"}
    equal(status, -1)
    equal(err, "the plugin's name is missing")
    _, status, err = alert_about{Type = "hindsight.plugin.stats", ["Fields[name]"] = "analysis.both"}
    equal(status, -1)
    equal(err, "deltas are missing")
    _, status, err = alert_about{Type = "hindsight.plugin.stats", ["Fields[name]"] = "analysis.both",
        ["Fields[deltas]"] = {"a", "b", "c", "d"}}
    equal(status, -1)
    equal(err, "deltas are missing")
end
