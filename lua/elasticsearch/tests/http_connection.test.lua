-- Tests of elasticsearch.http_connection with a socket that is made up: what the server says is prepared.
local string = require "string"
local table = require "table"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual), tostring(expected)), 2)
    end
end

local answers, sent, options, refused, closed

local client = {}
function client:settimeout(seconds) options[#options + 1] = "timeout " .. seconds end
function client:connect(address, port)
    options[#options + 1] = address .. " " .. port
    if refused then return nil, "connection refused" end
    return 1
end
function client:setoption(name, value)
    options[#options + 1] = name .. " " .. tostring(value)
    return 1
end
function client:send(text)
    if refused then return nil, "closed", 0 end
    sent[#sent + 1] = text
    return #text
end
function client:close() closed = true end
function client:receive(pattern)
    if answers == "" then return nil, "closed" end
    local part
    if pattern == "*l" then
        local newline = string.find(answers, "\n", 1, true)
        part = string.gsub(string.sub(answers, 1, newline - 1), "\r", "")
        answers = string.sub(answers, newline + 1)
    elseif pattern == "*a" then
        part, answers = answers, ""
    elseif #answers < pattern then
        return nil, "timeout", answers
    else
        part = string.sub(answers, 1, pattern)
        answers = string.sub(answers, pattern + 1)
    end
    return part
end

local real_require = require
function require(name)
    if name ~= "socket" then return real_require(name) end
    return {tcp = function() return client end}
end
local http_connection = real_require "elasticsearch.http_connection"
require = real_require

local function open(tls)
    answers, sent, options, refused, closed = "", {}, {}, false, false
    return http_connection.open{address = "es", port = 9200, timeout = 7, tls = tls}
end

local function pieces(...)
    local left = {...}
    return function() return table.remove(left, 1) end
end

-- Posts nothing, and gets this.
local function exchange(connection, answer)
    answers = answer
    return connection:post("/", {}, pieces())
end

local function error_of(answer)
    local ok, err = pcall(exchange, open(), answer)
    equal(ok, false)
    return err
end

function test_the_connection_is_made_with_a_timeout()
    open()
    equal(table.concat(options, ", "), "timeout 7, es 9200, tcp-nodelay true, keepalive true")
end

function test_a_server_that_is_not_there_is_an_error()
    open()
    refused = true
    local ok, err = pcall(http_connection.open, {address = "es", port = 9200, timeout = 7})
    equal(ok, false)
    equal(err, "cannot connect to es:9200: connection refused")
    equal(closed, true)
end

function test_a_request_is_sent_head_first()
    local connection = open()
    answers = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    connection:post("/_bulk", {["content-length"] = 6}, pieces("abc", "def"))
    equal(table.concat(sent), "POST /_bulk HTTP/1.1\r\ncontent-length: 6\r\n\r\nabcdef")
end

function test_an_answer_has_status_headers_and_body()
    local connection = open()
    local status, headers, body = exchange(connection,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; x=y \r\nCONTENT-LENGTH:5\r\n\r\nhello")
    equal(status, 200)
    equal(headers["content-type"], "application/json; x=y")
    equal(body, "hello")
    equal(connection:is_open(), true)
end

function test_a_second_request_may_follow()
    local connection = open()
    exchange(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab")
    local status, _, body = exchange(connection, "HTTP/1.1 404 Not Found\nContent-Length: 0\n\n")
    equal(status, 404)
    equal(body, "")
end

function test_a_body_may_come_in_chunks()
    local connection = open()
    local _, _, body = exchange(connection,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n4\r\nabcd\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n")
    equal(body, "abcd0123456789")
    equal(answers, "")
    equal(connection:is_open(), true)
end

function test_a_body_may_end_with_the_connection()
    local connection = open()
    local _, _, body = exchange(connection, "HTTP/1.1 200 OK\r\n\r\nall of it")
    equal(body, "all of it")
    equal(connection:is_open(), false)
end

function test_some_answers_have_no_body()
    for _, code in ipairs{204, 304} do
        local connection = open()
        local status, _, body = exchange(connection, "HTTP/1.1 " .. code .. " x\r\n\r\n")
        equal(status, code)
        equal(body, "")
        equal(connection:is_open(), true)
    end
end

function test_what_comes_before_the_answer_is_passed_over()
    local status = exchange(open(),
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    equal(status, 201)
end

function test_a_server_can_end_the_connection()
    local connection = open()
    exchange(connection, "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n")
    equal(connection:is_open(), false)
    connection = open()
    exchange(connection, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
    equal(connection:is_open(), false)
end

function test_what_is_no_answer_is_an_error()
    equal(error_of(""), "closed")
    equal(error_of("SSH-2.0-OpenSSH\r\n"), "not an HTTP answer: SSH-2.0-OpenSSH")
    equal(error_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), "timeout")
    equal(error_of("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc"), "not a content-length: many")
    equal(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "not the size of a chunk: zz")
    equal(error_of("HTTP/1.1 200 OK\r\n" .. string.rep("A: b\r\n", 2000)), "the HTTP answer has too many headers")
end

function test_a_request_that_cannot_be_sent_is_an_error()
    local connection = open()
    refused = true
    local ok, err = pcall(connection.post, connection, "/", {}, pieces())
    equal(ok, false)
    equal(err, "closed")
end

function test_the_connection_may_be_encrypted()
    local wrapped
    local connection = open(function(plain)
        wrapped = setmetatable({}, {__index = plain})
        return wrapped
    end)
    function wrapped:send(text)
        sent[#sent + 1] = "encrypted "
        return #text
    end
    exchange(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    equal(sent[1], "encrypted ")
    connection:close()
    equal(closed, true)
end
