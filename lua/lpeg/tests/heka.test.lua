-- Tests of lpeg.heka. The configuration is ours, and changes between tests.
require "string"

local config = {}
function read_config(name)
    if name == "lpeg_heka" then return config end
end
local transforms = require "lpeg.heka"

local FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:78.0) Gecko/20100101 Firefox/78.0"

local function with(settings)
    config.user_agent_remove = settings.user_agent_remove
    config.user_agent_normalized_field_name = settings.user_agent_normalized_field_name
end

function test_headers_are_set_from_fields()
    local headers = {
        set_uuid = "Uuid", set_timestamp = "Timestamp", set_logger = "Logger", set_hostname = "Hostname",
            set_type = "Type",
        set_envversion = "EnvVersion", set_payload = "Payload", set_severity = "Severity", set_pid = "Pid",
    }
    for name, header in pairs(headers) do
        local msg = {[header] = "before", Fields = {f = "value", other = 1}}
        assert(transforms[name](msg, "f") == nil)
        assert(msg[header] == "value" and msg.Fields.f == nil and msg.Fields.other == 1, name)
        transforms[name](msg, "f")
        assert(msg[header] == nil, name)
        assert(not pcall(transforms[name], {}, "f"))
        assert(not pcall(transforms[name], nil, "f"))
    end
end

function test_the_payload_is_removed()
    local msg = {Payload = "x", Fields = {Payload = "y"}}
    transforms.remove_payload(msg, "Payload")
    assert(msg.Payload == nil and msg.Fields.Payload == "y")
end

function test_a_user_agent_is_added_beside_its_text()
    with{}
    local msg = {Fields = {ua = FIREFOX}}
    transforms.add_normalized_user_agent(msg, "ua")
    assert(msg.Fields.ua == FIREFOX)
    assert(msg.Fields.ua_browser == "Firefox" and msg.Fields.ua_version == 78 and msg.Fields.ua_os == "Linux")
end

function test_a_known_user_agent_can_be_removed()
    with{user_agent_remove = true}
    local msg = {Fields = {ua = FIREFOX}}
    transforms.add_normalized_user_agent(msg, "ua")
    assert(msg.Fields.ua == nil and msg.Fields.ua_browser == "Firefox")
    msg = {Fields = {ua = "something/1.0"}}
    transforms.add_normalized_user_agent(msg, "ua")
    assert(msg.Fields.ua == "something/1.0" and msg.Fields.ua_browser == nil)
end

function test_the_names_can_be_set()
    with{user_agent_normalized_field_name = "agent"}
    local msg = {Fields = {ua = FIREFOX}}
    transforms.add_normalized_user_agent(msg, "ua")
    assert(msg.Fields.agent_browser == "Firefox" and msg.Fields.ua_browser == nil)
end

function test_what_is_no_text_is_left_alone()
    with{user_agent_remove = true}
    for _, value in ipairs{5, true, {value = FIREFOX}} do
        local msg = {Fields = {ua = value}}
        transforms.add_normalized_user_agent(msg, "ua")
        assert(msg.Fields.ua == value and msg.Fields.ua_browser == nil)
    end
    local msg = {Fields = {}}
    transforms.add_normalized_user_agent(msg, "ua")
    assert(next(msg.Fields) == nil)
end
