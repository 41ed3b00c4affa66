-- How udp.lua makes messages of datagrams, with a socket that is made up.
local string = require "string"
local table = require "table"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local configuration
function read_config(name) return configuration[name] end

local injected, refuse
function inject_message(msg)
    if refuse and msg.Payload == refuse then error("refused", 0) end
    local fields = msg.Fields or {}
    local port = fields.sender_port
    injected[#injected + 1] = string.format("%s %s %s:%s %s %s", tostring(msg.Type), tostring(msg.Payload),
        tostring(fields.sender_ip), port and port.value_type == 2 and port.value or "none", tostring(fields.data),
        tostring(fields.kind))
end

-- What receivefrom gives, in order.
local answers
local server = {setsockname = function() return 1 end, settimeout = function() end}
function server.receivefrom()
    local answer = table.remove(answers, 1)
    return answer[1], answer[2], answer[3]
end
local slept
local socket = {udp = function() return server end, sleep = function() slept = slept + 1 end}
function is_running() return #answers > 0 end

local script = assert(loadfile("udp.lua"))
local real_require = require
local function run(config, ...)
    config.decoder_module = "decoders.payload"
    configuration, answers, injected, slept = config, {...}, {}, 0
    function require(name)
        if name == "socket" then return socket end
        return real_require(name)
    end
    local ok, err = pcall(script)
    require = real_require
    assert(ok, err)
    equal(process_message(), 0)
    refuse = nil
    return table.concat(injected, "; ")
end

function test_each_datagram_is_a_message_with_its_sender()
    equal(run({}, {"one", "a", 1}, {nil, "timeout"}, {"", "b", 2}), "nil one a:1 nil nil; nil  b:2 nil nil")
    equal(slept, 0)
end

function test_default_headers_keep_their_fields()
    equal(run({default_headers = {Type = "t", Fields = {kind = "k"}}}, {"one", "a", 1}), "t one a:1 nil k")
end

function test_what_cannot_be_decoded_is_a_message_if_that_is_wanted()
    refuse = "bad"
    equal(run({send_decode_failures = true}, {"bad", "a", 1}, {"good", "b", 2}),
        "error.decode refused a:1 bad nil; nil good b:2 nil nil")
    refuse = "bad"
    equal(run({}, {"bad", "a", 1}, {"good", "b", 2}), "nil good b:2 nil nil")
end

function test_what_is_wrong_with_the_socket_is_a_message_and_time_is_left_to_it()
    equal(run({}, {nil, "refused"}, {"one", "a", 1}), "error.closed refused nil:none nil nil; nil one a:1 nil nil")
    equal(slept, 1)
end
