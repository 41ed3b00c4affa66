-- Tests of heka.alert with a lookup module, which is made up.
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual), type(actual),
            tostring(expected)), 2)
    end
end

local configuration = {Logger = "analysis.a", alert = {lookup = "router", modules = {}}}
function read_config(name) return configuration[name] end

local injected = {}
function inject_message(msg) injected[#injected + 1] = msg end

local real_require = require
function require(name)
    if name ~= "heka.alert.router" then return real_require(name) end
    return {get_message = function(id, summary, detail, data)
        if data.nobody then return nil end
        return {Type = "alert", Payload = id .. summary .. detail .. data.subject}
    end}
end
local alert = real_require "heka.alert"
require = real_require

function test_the_module_makes_the_message()
    injected = {}
    equal(alert.has_lookup(), true)
    equal(alert.send("i", "s", "d", 0, {subject = "u"}), true)
    equal(injected[1].Payload, "isdu")
    equal(injected[1].Fields, nil)
end

function test_an_alert_for_nobody_counts_as_sent()
    injected = {}
    equal(alert.send("i2", "s", "d", nil, {nobody = true}), true)
    equal(#injected, 0)
    equal(alert.throttled("i2"), true)
end

function test_there_must_be_something_to_look_up()
    local ok, err = pcall(alert.send, "i3", "s", "d")
    equal(ok, false)
    assert(string.find(err, "cannot call lookup function with no lookup data", 1, true), err)
end
