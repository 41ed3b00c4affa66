-- Tests of decoders.nginx.access. What is injected goes into `injected`; the configuration is ours, and changes between tests.
require "string"
require "os"

local injected
function inject_message(msg)
    injected = msg
end

local config = {
    log_format = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
}
local configured = "decoders_nginx_access"
function read_config(name)
    if name == configured then return config end
end
local decode = require "decoders.nginx.access".decode

local function with(settings)
    for _, name in ipairs{"user_agent_transform", "user_agent_keep", "user_agent_conditional", "payload_keep"} do
        config[name] = settings[name]
    end
    injected = nil
end

local LINE = '192.0.2.9 - - [17/Oct/2020:21:05:59 +0200] "GET / HTTP/1.1" 200 12 "-" "%s"'
local FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:78.0) Gecko/20100101 Firefox/78.0"

function test_a_line_becomes_a_message()
    with{}
    assert(decode(string.format(LINE, FIREFOX)) == nil)
    assert(injected.Timestamp == (os.time{year = 2020, month = 10, day = 17, hour = 21, min = 5,
        sec = 59} - 7200) * 1e9)
    assert(injected.Payload == nil)
    assert(injected.Fields.time == nil)
    assert(injected.Fields.remote_addr.value == "192.0.2.9")
    assert(injected.Fields.status == 200)
    assert(injected.Fields.http_user_agent == FIREFOX)
end

function test_default_headers_are_copied_or_changed_in_place()
    with{payload_keep = true}
    local line = string.format(LINE, "x")
    local headers = {Type = "t", Fields = {status = 1, kept = 2}}
    decode(line, headers)
    assert(injected ~= headers and injected.Type == "t" and injected.Payload == line)
    assert(injected.Fields.status == 200 and injected.Fields.kept == 2 and headers.Fields.status == 1)
    decode(line, headers, true)
    assert(injected == headers and headers.Fields.status == 200)
end

function test_other_lines_are_refused()
    with{}
    for _, line in ipairs{"", "x", string.sub(LINE, 1, 60)} do assert(decode(line) == "parse failed", line) end
    assert(injected == nil)
    assert(not pcall(decode, nil))
end

function test_user_agents_are_taken_apart()
    with{user_agent_transform = true}
    decode(string.format(LINE, FIREFOX))
    assert(injected.Fields.user_agent_browser == "Firefox" and injected.Fields.user_agent_version == 78)
    assert(injected.Fields.user_agent_os == "Linux" and injected.Fields.http_user_agent == nil)
    decode(string.format(LINE, "other"))
    assert(injected.Fields.user_agent_browser == nil and injected.Fields.http_user_agent == nil)
end

function test_user_agents_can_be_kept()
    with{user_agent_transform = true, user_agent_keep = true}
    decode(string.format(LINE, FIREFOX))
    assert(injected.Fields.user_agent_browser == "Firefox" and injected.Fields.http_user_agent == FIREFOX)
end

function test_unknown_user_agents_can_be_kept()
    with{user_agent_transform = true, user_agent_conditional = true}
    decode(string.format(LINE, FIREFOX))
    assert(injected.Fields.http_user_agent == nil)
    decode(string.format(LINE, "other"))
    assert(injected.Fields.http_user_agent == "other")
end
