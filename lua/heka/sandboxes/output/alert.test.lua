-- How alert.lua hands alerts to modules, which are made up.
local string = require "string"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local configuration = {alert = {modules = {email = {from = "x"}, pager = {}}}}
function read_config(name) return configuration[name] end

local message, fault
function read_message(name)
    equal(name, "raw")
    return "raw"
end
function decode_message() return message end

local sent
local modules = {
    ["alert.email"] = {send = function(msg, settings)
        sent.email = {msg = msg, settings = settings}
        if fault == "told" then return "mailbox full" end
        if fault == "thrown" then error("no connection", 0) end
    end},
    ["alert.pager"] = {send = function(_, settings) sent.pager = {settings = settings} end},
    ["alert.other"] = {},
}

local script = assert(loadfile("alert.lua"))

local real_require = require
local function start()
    function require(name) return modules[name] or real_require(name) end
    local ok, err = pcall(script)
    require = real_require
    return ok, err
end

local function send(fields)
    local list = {{name = "id", value = {"i"}}, {name = "summary", value = {"s"}}}
    for _, name in ipairs(fields) do list[#list + 1] = {name = name, value = {"value of " .. name}} end
    message, sent = {Type = "alert", Payload = "p", Fields = list}, {}
    return process_message()
end

function test_each_module_gets_the_message_and_its_settings()
    start()
    fault = nil
    local status, err = send{"email.recipients", "email.footer", "pager.a.b"}
    equal(status, -1)
    equal(err, "alert module 'pager.a' is not configured")
    equal(sent.email.msg, message)
    equal(sent.email.settings.recipients[1], "value of email.recipients")
    equal(sent.email.settings.footer[1], "value of email.footer")
    equal(sent.pager, nil)
end

function test_a_module_that_is_not_named_is_not_asked()
    start()
    fault = nil
    equal(send{"pager.number"}, 0)
    equal(sent.email, nil)
    equal(sent.pager.settings.number[1], "value of pager.number")
end

function test_what_one_module_cannot_send_the_others_send()
    start()
    for kind, text in pairs{told = "mailbox full", thrown = "no connection"} do
        fault = kind
        local status, err = send{"email.recipients", "pager.number"}
        equal(status, -1)
        equal(err, text)
        equal(sent.pager.settings.number[1], "value of pager.number")
    end
end

function test_a_module_that_is_not_configured_is_told_beside_what_else_went_wrong()
    start()
    fault = "told"
    local status, err = send{"email.recipients", "pager.number", "irc.target"}
    equal(status, -1)
    equal(err, "alert module 'irc' is not configured; mailbox full")
end

function test_a_module_must_be_able_to_send()
    configuration.alert.modules.other = {}
    local ok, err = start()
    configuration.alert.modules.other = nil
    equal(ok, false)
    assert(string.find(err, "alert.other does not provide a send function", 1, true), err)
end
