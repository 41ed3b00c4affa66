-- Tests of heka.alert with a prefix, without thresholds and throttle.
local os = require "os"
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual), type(actual),
            tostring(expected)), 2)
    end
end

local configuration = {Logger = "analysis.a", Hostname = "gate", Pid = 17, alert = {prefix = true, modules = {x = {}}}}
function read_config(name) return configuration[name] end

local injected
function inject_message(msg) injected = msg end

local now = 0
os.time = function() return now end

local real_require = require
function require(name)
    if name == "heka.alert.x" then return {} end
    return real_require(name)
end
local alert = real_require "heka.alert"
require = real_require

function test_the_plugin_and_its_place_are_in_the_texts()
    equal(alert.send("id1", "summary", "line 1\nline 2"), true)
    equal(injected.Fields[2].value, "Hindsight [analysis.a#id1] - summary")
    equal(injected.Payload, "Hostname: gate\nPid: 17\n\nline 1\nline 2\n")
end

function test_an_alert_needs_no_detail()
    equal(alert.send("id2", "summary"), true)
    equal(injected.Payload, "Hostname: gate\nPid: 17\n\n\n")
end

function test_without_thresholds_there_is_none()
    equal(alert.get_threshold("id"), nil)
    equal(next(alert.thresholds), nil)
end

function test_an_hour_and_a_half_is_waited_for_unless_it_says_otherwise()
    now = 0
    alert.send("id3", "s", "d")
    now = 90 * 60
    equal(alert.throttled("id3"), true)
    now = 90 * 60 + 1
    equal(alert.throttled("id3"), false)
end
