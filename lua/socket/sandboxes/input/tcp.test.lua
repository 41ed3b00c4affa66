-- How tcp.lua makes lines of what connections bring, with connections that are made up.
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
    injected[#injected + 1] = string.format("%s %s %s %s",
        tostring(msg.Type), tostring(msg.Hostname), msg.Payload, tostring(fields.data))
end

-- A connection brings its pieces one at a time; behind the last one it is closed.
local function connection_of(address, ...)
    local connection = {pieces = {...}, rest = ""}
    function connection.settimeout(_, seconds) equal(seconds, 0) end
    function connection.getpeername() return address, 4000 end
    function connection.close(self) self.is_closed = true end
    function connection:receive(most)
        local data = self.rest .. (table.remove(self.pieces, 1) or "")
        self.rest = string.sub(data, most + 1)
        data = string.sub(data, 1, most)
        if #data == most then return data end
        return nil, #self.pieces == 0 and "closed" or "timeout", data
    end
    return connection
end

local waiting, turns
local server = {settimeout = function() end, accept = function() return table.remove(waiting, 1) end}
local socket = {
    bind = function() return server end,
    select = function(sockets)
        local ready = {}
        for i, one in ipairs(sockets) do
            if one ~= server or #waiting > 0 then ready[#ready + 1] = sockets[i] end
        end
        return ready
    end,
}
function is_running()
    turns = turns - 1
    return turns >= 0
end

local script = assert(loadfile("tcp.lua"))
local real_require = require
local function run(config, ...)
    configuration, waiting, injected, turns = config, {...}, {}, 30
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

function test_lines_come_in_pieces()
    equal(run({}, connection_of("a", "on", "e\r", "\ntwo\n\n", "")), "nil a one nil; nil a two nil; nil a  nil")
end

function test_each_connection_has_its_own_line_and_address()
    equal(run({default_headers = {Type = "t", Hostname = "z"}},
        connection_of("a", "on", "e\n", ""), connection_of("b", "tw", "o\n", "")), "t a one nil; t b two nil")
end

function test_what_has_no_newline_is_no_line()
    local connection = connection_of("a", "one\n", "two")
    equal(run({}, connection), "nil a one nil")
    equal(connection.is_closed, true)
end

function test_a_line_that_is_too_long_ends_its_connection_alone()
    local long, other = connection_of("a", "12345", "6789\n", "x\n", ""), connection_of("b", "1", "2345678\n", "")
    equal(run({max_message_size = 8}, long, other), "nil b 12345678 nil")
    equal(long.is_closed, true)
end

function test_what_cannot_be_decoded_is_a_message_if_that_is_wanted()
    refuse = "bad"
    equal(run({send_decode_failures = true}, connection_of("a", "bad\ngood\n", "")),
        "error.decode a refused bad; nil a good nil")
    refuse = "bad"
    equal(run({}, connection_of("a", "bad\ngood\n", "")), "nil a good nil")
end
