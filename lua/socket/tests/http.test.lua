-- Tests of socket.http, with a server of the test's own behind `create`.
local string = require "string"
local table = require "table"
local http = require "socket.http"
local ltn12 = require "ltn12"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual), tostring(expected)), 2)
    end
end

-- Connections whose servers answer what is listed, one after the other. Returns `create`, and what was sent to whom.
local function answering(...)
    local answers = {...}
    local log = {}
    return function()
        local entry = {sent = {}}
        log[#log + 1] = entry
        local left = answers[#log] or ""
        local connection = {}
        function connection:settimeout(seconds) entry.timeout = seconds return 1 end
        function connection:connect(host, port)
            if left == "refuse" then return nil, "connection refused" end
            entry.host, entry.port = host, port
            return 1
        end
        function connection:send(data) entry.sent[#entry.sent + 1] = data return #data end
        function connection:close() entry.closed = true return 1 end
        function connection:receive(pattern, prefix)
            prefix = prefix or ""
            if type(pattern) == "number" then
                local part = string.sub(left, 1, pattern)
                left = string.sub(left, pattern + 1)
                if #part < pattern then return nil, "closed", prefix .. part end
                return prefix .. part
            end
            local line, rest = string.match(left, "^(.-)\r?\n(.*)$")
            if not line then
                line, left = left, ""
                return nil, "closed", prefix .. line
            end
            left = rest
            return prefix .. line
        end
        return connection
    end, log
end

local function sent(entry) return table.concat(entry.sent) end

local OK = "HTTP/1.1 200 OK\r\n"

local function get(given, ...)
    local create, log = answering(...)
    local parts = {}
    given.create = create
    given.sink = given.sink or (ltn12.sink.table(parts))
    local ok, code, headers, status = http.request(given)
    return ok, code, headers, status, table.concat(parts), log
end

function test_a_body_of_a_length()
    local ok, code, headers, status, body, log = get({url = "http://host:81/p;x?q#f"},
        OK .. "Content-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n  more\r\n\r\nhelloREST")
    equal(ok, 1)
    equal(code, 200)
    equal(status, "HTTP/1.1 200 OK")
    equal(headers["x-a"], "1, 2  more")
    equal(body, "hello")
    equal(log[1].host, "host")
    equal(log[1].port, "81")
    equal(log[1].timeout, 60)
    equal(log[1].closed, true)
    local request = sent(log[1])
    equal(string.find(request, "GET /p;x?q HTTP/1.1\r\n", 1, true), 1)
    equal(string.find(request, "\r\nHost: host:81\r\n", 1, true) ~= nil, true)
    equal(string.find(request, "\r\nConnection: close, TE\r\n", 1, true) ~= nil, true)
    equal(string.sub(request, -4), "\r\n\r\n")
end

function test_a_body_in_chunks_with_trailers()
    local _, code, headers, _, body = get({url = "http://h/"},
        OK .. "Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\nA\r\n, in parts\r\n0\r\nX-Late: yes\r\n\r\n")
    equal(code, 200)
    equal(body, "hello, in parts")
    equal(headers["x-late"], "yes")
    local long = string.rep("x", 10000)
    _, _, _, _, body = get({url = "http://h/"},
        OK .. "Transfer-Encoding: chunked\r\n\r\n2710\r\n" .. long .. "\r\n0\r\n\r\n")
    equal(body, long)
end

function test_a_body_until_the_end()
    local _, _, _, _, body = get({url = "http://h/"}, OK .. "\r\nall of it")
    equal(body, "all of it")
end

function test_broken_answers()
    for answer, err in pairs {
        [""] = "closed", ["HTT"] = "closed", [OK] = "closed", [OK .. "no colon\r\n\r\n"] = "malformed response headers",
        [OK .. "Content-Length: 5\r\n\r\nhel"] = "closed",
        [OK .. "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"] = "invalid chunk size",
        [OK .. string.rep("A: b\r\n", 1001) .. "\r\n"] = "too many response headers",
        ["HTTP/bogus\r\n"] = "malformed response", refuse = "connection refused",
    } do
        local ok, why, _, _, _, log = get({url = "http://h/"}, answer)
        equal(ok, nil, answer)
        equal(why, err, answer)
        equal(log[1].closed, true)
    end
end

function test_methods_without_a_body()
    equal(select(2, get({url = "http://h/", method = "HEAD"}, OK .. "Content-Length: 5\r\n\r\n")), 200)
    equal(select(2, get({url = "http://h/"}, "HTTP/1.1 204 No\r\n\r\n")), 204)
    equal(select(2, get({url = "http://h/"}, "HTTP/1.1 100 Continue\r\n\r\n" .. OK .. "\r\n")), 200)
end

function test_a_source_goes_in_chunks_or_by_its_length()
    local _, _, _, _, _, log = get({url = "http://h/", method = "POST", source = ltn12.source.table{"ab", "", "cde"}},
        OK .. "\r\n")
    equal(string.find(sent(log[1]), "Transfer-Encoding: chunked", 1, true) ~= nil, true)
    equal(string.match(sent(log[1]), "\r\n\r\n(.*)$"), "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
    _, _, _, _, _, log = get({
        url = "http://h/", method = "PUT", source = ltn12.source.string("abc"), headers = {["Content-Length"] = 3},
    }, OK .. "\r\n")
    equal(string.match(sent(log[1]), "\r\n\r\n(.*)$"), "abc")
end

function test_names_and_passwords()
    local _, _, _, _, _, log = get({url = "http://us%40er:pw@h/"}, OK .. "\r\n")
    equal(string.find(sent(log[1]), "Authorization: Basic dXNAZXI6cHc=\r\n", 1, true) ~= nil, true)
end

local function redirect(to) return "HTTP/1.1 302 Found\r\nLocation: " .. to .. "\r\n\r\n" end

function test_redirections_on_the_host_are_followed()
    local _, code, headers, _, body, log = get({url = "http://h/a/b"}, redirect("../c?d"), OK .. "\r\nthere")
    equal(code, 200)
    equal(body, "there")
    equal(headers.location, "http://h/c?d")
    equal(string.find(sent(log[2]), "GET /c?d HTTP/1.1", 1, true), 1)
end

function test_redirections_to_other_hosts_are_followed_when_that_is_wanted()
    local _, code, headers, _, _, log = get({url = "http://h/"}, redirect("http://other/"))
    equal(code, 302)
    equal(headers.location, "http://other/")
    equal(#log, 1)
    _, code, _, _, _, log = get({url = "http://h/", redirect = true, headers = {Authorization = "secret", ["X-B"] = "b"}},
        redirect("http://other/"), OK .. "\r\n")
    equal(code, 200)
    equal(log[2].host, "other")
    equal(string.find(sent(log[2]), "secret", 1, true), nil, "what was meant for the first host")
    equal(string.find(sent(log[2]), "X-B: b", 1, true) ~= nil, true)
end

function test_redirections_that_are_not_followed()
    equal(select(2, get({url = "http://h/", redirect = false}, redirect("/x"))), 302)
    equal(select(2, get({url = "http://h/", method = "POST"}, redirect("/x"))), 302)
    equal(select(2, get({url = "http://h/"}, redirect("ftp://h/x"))), 302)
    local answers = {}
    for i = 1, 10 do answers[i] = redirect("/" .. i) end
    local _, code, _, _, _, log = get({url = "http://h/"}, unpack(answers))
    equal(code, 302)
    equal(#log, 6)
    _, code, _, _, _, log = get({url = "http://h/", maxredirects = 2}, unpack(answers))
    equal(#log, 3)
end

function test_nothing_can_be_smuggled_into_a_request()
    for _, given in ipairs {
        {url = "http://h/x\r\nX-Evil: 1"}, {url = "http://h/", method = "GET / HTTP/1.1\r\n\r\nGET"},
        {url = "http://h/", headers = {["x-a"] = "b\r\nX-Evil: 1"}}, {url = "http://h/", headers = {["x\r\ny"] = "b"}},
    } do
        local ok, why, _, _, _, log = get(given, OK .. "\r\n")
        equal(ok, nil)
        equal(why, "line break in the request")
        equal(string.find(sent(log[1]), "Evil", 1, true), nil)
    end
end

function test_what_cannot_be_asked_for()
    equal(select(2, http.request{url = "http:///x"}), "invalid host 'nil'")
    equal(select(2, http.request{url = "gopher://h/"}), "unknown scheme 'gopher'")
    equal(select(2, http.request "https://h/"), "https is not to be had: there is no module 'ssl'")
end

function test_the_short_form()
    local create, log = answering(OK .. "Content-Length: 2\r\n\r\nok")
    local tcp = http.schemes.http.create
    http.schemes.http.create = function() return create end
    local body, code = http.request("http://h/f", "a=1&b=2")
    http.schemes.http.create = tcp
    equal(body, "ok")
    equal(code, 200)
    local request = sent(log[1])
    equal(string.find(request, "POST /f HTTP/1.1\r\n", 1, true), 1)
    equal(string.find(request, "Content-Type: application/x-www-form-urlencoded\r\n", 1, true) ~= nil, true)
    equal(string.find(request, "Content-Length: 7\r\n", 1, true) ~= nil, true)
    equal(string.sub(request, -11), "\r\n\r\na=1&b=2")
end

function test_a_text_that_is_too_long_is_not_taken()
    local create = answering(OK .. "\r\n" .. string.rep("x", 5000))
    local tcp, most = http.schemes.http.create, http.MAXBODY
    http.schemes.http.create = function() return create end
    http.MAXBODY = 4000
    local ok, err = http.request("http://h/")
    http.schemes.http.create, http.MAXBODY = tcp, most
    equal(ok, nil)
    equal(err, "body is too long")
end

function test_one_connection_step_by_step()
    local create, log = answering(OK .. "Content-Length: 2\r\n\r\nok" .. OK .. "\r\n")
    local connection = http.open("h", 9200, create)
    connection:sendrequestline("POST", "/_bulk")
    connection:sendheaders{["content-length"] = 4}
    connection:sendbody({["content-length"] = 4}, ltn12.source.string("data"))
    equal(connection:receivestatusline(), 200)
    local headers = connection:receiveheaders()
    local parts = {}
    connection:receivebody(headers, (ltn12.sink.table(parts)))
    equal(table.concat(parts), "ok")
    equal(connection:receivestatusline(), 200, "the connection goes on")
    connection:close()
    equal(log[1].port, 9200)
    equal(sent(log[1]), "POST /_bulk HTTP/1.1\r\nContent-Length: 4\r\n\r\ndata")
end
