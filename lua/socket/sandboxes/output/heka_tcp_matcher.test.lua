-- Whom heka_tcp_matcher.lua sends messages to, with clients that are made up.
local string = require "string"
local table = require "table"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

function read_config() end
function read_message() return "framed" end
function encode_message(msg, framed)
    equal(framed, true)
    return msg.Type .. ": " .. msg.Payload
end
function create_message_matcher(expression)
    if expression == "wrong" then error("no matcher", 0) end
    return {eval = function() return expression == "TRUE" end}
end

-- A client says its pieces one at a time, and nothing more then.
local function client_of(...)
    local client = {pieces = {...}, got = {}}
    function client.settimeout() end
    function client:close() self.is_closed = true end
    function client:send(data)
        if self.is_stuck then return nil, "timeout", 0 end
        self.got[#self.got + 1] = data
        return #data
    end
    function client:receive(most)
        local piece = table.remove(self.pieces, 1)
        assert(#(piece or "") <= most)
        return nil, self.has_gone and "closed" or "timeout", piece or ""
    end
    return client
end

local waiting
local server = {settimeout = function() end, accept = function() return table.remove(waiting, 1) end}

local script = assert(loadfile("heka_tcp_matcher.lua"))
local real_require = require
local function start(...)
    waiting = {...}
    function require(name)
        if name == "socket" then return {bind = function() return server end} end
        return real_require(name)
    end
    local ok, err = pcall(script)
    require = real_require
    assert(ok, err)
    timer_event(1)
end

function test_clients_get_what_matches()
    local all, none = client_of("TRUE\n"), client_of("FALSE\n")
    start(all, none)
    equal(process_message(), 0)
    equal(process_message(), 0)
    equal(#all.got, 2)
    equal(#none.got, 0)
end

function test_a_matcher_may_come_in_pieces()
    local client = client_of("TR", "UE\n")
    start(client)
    process_message()
    timer_event(2)
    process_message()
    equal(#client.got, 1)
end

function test_a_wrong_matcher_is_answered_and_its_client_let_go()
    local client = client_of("wrong\n")
    start(client)
    process_message()
    equal(table.concat(client.got), "bad matcher: 'wrong' no matcher")
    equal(client.is_closed, true)
end

function test_who_does_not_take_messages_keeps_nobody_waiting()
    local stuck, other = client_of("TRUE\n"), client_of("TRUE\n")
    start(stuck, other)
    stuck.is_stuck = true
    equal(process_message(), 0)
    equal(process_message(), 0)
    equal(stuck.is_closed, true)
    equal(#other.got, 2)
end

function test_who_says_nothing_is_let_go()
    local client = client_of()
    start(client)
    for i = 2, 20 do timer_event(i * 1e9) end
    equal(client.is_closed, true)
end

function test_a_subscriber_that_has_gone_is_let_go()
    local client = client_of("FALSE\n")
    start(client)
    client.has_gone = true
    timer_event(2)
    equal(client.is_closed, true)
end

function test_all_are_let_go_at_the_end()
    local subscriber, silent = client_of("TRUE\n"), client_of()
    start(subscriber, silent)
    timer_event(2, true)
    equal(subscriber.is_closed, true)
    equal(silent.is_closed, true)
end
