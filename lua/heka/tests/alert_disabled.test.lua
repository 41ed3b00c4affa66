-- Tests of heka.alert when alerts are disabled: not even their modules need to be there.
local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local configuration = {Logger = "analysis.a", alert = {disabled = true, modules = {nowhere = {}}}}
function read_config(name) return configuration[name] end
function inject_message() error("injected", 0) end

local alert = require "heka.alert"

function test_nothing_is_sent()
    equal(alert.send("i", "s", "d"), false)
    equal(alert.send("i", "s", "d", 0, {}), false)
    equal(alert.throttled("i"), false)
end
