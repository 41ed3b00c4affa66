-- How heka_tcp.lua connects and connects again, with a socket and a clock that are made up.
local os = require "os"
local table = require "table"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local configuration
function read_config(name) return configuration[name] end
function read_message(name)
    equal(name, "framed")
    return "message"
end

local calls, refusal, send_error, is_gone
local client = {}
function client:settimeout(seconds) client.timeout = seconds end
function client:receive()
    equal(client.timeout, 0)
    return nil, is_gone and "closed" or "timeout", ""
end
function client:connect(address, port)
    calls[#calls + 1] = "timeout " .. client.timeout
    calls[#calls + 1] = "connect " .. address .. " " .. port
    if refusal then return nil, refusal end
    return 1
end
function client:setoption() return 1 end
function client:send(text)
    equal(client.timeout, configuration.timeout or 10)
    calls[#calls + 1] = "send " .. text
    if send_error then return nil, send_error, 3 end
    return #text
end
function client:close() calls[#calls + 1] = "close" end

local now
local real_time, real_require = os.time, require
local script = assert(loadfile("heka_tcp.lua"))

local function start(config)
    configuration, calls, refusal, send_error, is_gone, now = config, {}, nil, nil, false, 100
    os.time = function() return now end
    function require(name)
        if name == "socket" then return {tcp = function() return client end} end
        return real_require(name)
    end
    local ok, err = pcall(script)
    require = real_require
    assert(ok, err)
end

local function done()
    os.time = real_time
    local list = table.concat(calls, ", ")
    calls = {}
    return list
end

function test_one_connection_is_for_all_messages()
    start{address = "h", port = 7, timeout = 3}
    equal(process_message(), 0)
    equal(process_message(), 0)
    equal(done(), "timeout 3, connect h 7, send message, send message")
end

function test_one_attempt_a_second_is_made_and_messages_come_again()
    start{}
    refusal = "connection refused"
    for _ = 1, 3 do
        local status, err = process_message()
        equal(status, -3)
        assert(err:find("connection refused", 1, true), err)
    end
    now, refusal = 101, nil
    equal(process_message(), 0)
    equal(done(), "timeout 10, connect 127.0.0.1 5565, close, timeout 10, connect 127.0.0.1 5565, send message")
end

function test_a_connection_that_is_lost_is_made_anew()
    start{}
    send_error = "closed"
    local status, err = process_message()
    equal(status, -3)
    equal(err, "closed")
    status, err = process_message()
    equal(status, -3)
    equal(err, "closed")
    now, send_error = 101, nil
    equal(process_message(), 0)
    equal(done(), "timeout 10, connect 127.0.0.1 5565, send message, close, "
        .. "timeout 10, connect 127.0.0.1 5565, send message")
end

function test_who_has_gone_meanwhile_gets_nothing()
    start{}
    equal(process_message(), 0)
    is_gone, now = true, 101
    equal(process_message(), 0)
    equal(done(), "timeout 10, connect 127.0.0.1 5565, send message, close, "
        .. "timeout 10, connect 127.0.0.1 5565, send message")
end

function test_messages_may_be_dropped_instead()
    start{drop_message_on_error = true}
    send_error = "timeout"
    equal(process_message(), -2)
    equal(process_message(), -2)
    equal(done(), "timeout 10, connect 127.0.0.1 5565, send message, close")
end
