-- Tests of socket.smtp and socket.tp, with a server of the test's own behind `create`.
local string = require "string"
local table = require "table"
local ltn12 = require "ltn12"
local smtp = require "socket.smtp"
local tp = require "socket.tp"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual), tostring(expected)), 2)
    end
end

-- A connection to a server that says these lines.
local function saying(...)
    local lines = {...}
    local log = {sent = {}}
    return function()
        local connection = {}
        function connection:settimeout(seconds) log.timeout = seconds return 1 end
        function connection:connect(host, port) log.host, log.port = host, port return 1 end
        function connection:send(data) log.sent[#log.sent + 1] = data return #data end
        function connection:close() log.closed = true return 1 end
        function connection:receive()
            local line = table.remove(lines, 1)
            if not line then return nil, "closed" end
            return line
        end
        return connection
    end, log
end

local function message(text) return smtp.message{headers = {subject = "s"}, body = text} end

local function text_of(source)
    local parts = {}
    local ok, err = ltn12.pump.all(source, (ltn12.sink.table(parts)))
    if not ok then return nil, err end
    return table.concat(parts)
end

function test_a_mail_to_several()
    local create, log = saying("220 hi", "250-host", "250 PIPELINING", "250 ok", "250 ok", "250 ok", "354 go", "250 taken", "221 bye")
    equal(smtp.send{
        from = "<a@b>", rcpt = {"<c@d>", "<e@f>"}, source = message(".dot\r\n.\r\nend"), create = create, server = "mx",
        port = 2525,
    }, 1)
    local sent = table.concat(log.sent)
    equal(log.host, "mx")
    equal(log.port, 2525)
    equal(log.closed, true)
    equal(string.match(sent, "^(.-)DATA"), "EHLO localhost\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n")
    equal(string.match(sent, "\r\n\r\n(.*)$"), "..dot\r\n..\r\nend\r\n.\r\nQUIT\r\n")
end

function test_logging_in()
    local create, log = saying("220 hi", "250-host", "250 AUTH PLAIN LOGIN", "334 u", "334 p", "235 ok", "250 ok", "250 ok", "354 go", "250 ok", "221 bye")
    equal(smtp.send{from = "<a@b>", rcpt = "<c@d>", source = message("x"), create = create, user = "me", password = "pw"}, 1)
    equal(string.find(table.concat(log.sent), "AUTH LOGIN\r\nbWU=\r\ncHc=\r\n", 1, true) ~= nil, true)
    create, log = saying("220 hi", "250 AUTH PLAIN", "235 ok", "550 no")
    equal(select(2, smtp.send{from = "<a@b>", rcpt = "<c@d>", source = message("x"), create = create, user = "me", password = "pw"}), "550 no")
    equal(string.find(table.concat(log.sent), "AUTH PLAIN AG1lAHB3\r\n", 1, true) ~= nil, true)
    equal(log.closed, true)
    create = saying("220 hi", "250 host")
    equal(select(2, smtp.send{from = "<a@b>", rcpt = "<c@d>", source = message("x"), create = create, user = "me", password = "pw"}),
        "authentication not supported")
end

function test_servers_that_refuse_or_are_none()
    for line, err in pairs {["554 go away"] = "554 go away", ["hello"] = "invalid server reply"} do
        equal(select(2, smtp.send{from = "<a@b>", rcpt = "<c@d>", source = message("x"), create = (saying(line))}), err)
    end
    equal(select(2, smtp.send{from = "<a@b>", rcpt = "<c@d>", source = message("x"), create = (saying())}), "closed")
    local lines = {}
    for i = 1, 2000 do lines[i] = "220-more" end
    equal(select(2, smtp.send{from = "<a@b>", rcpt = "<c@d>", source = message("x"), create = (saying(unpack(lines)))}),
        "invalid server reply")
end

function test_nothing_can_be_smuggled_into_the_conversation()
    local create, log = saying("220 hi", "250 host", "250 ok", "250 ok", "354 go", "250 ok", "221 bye")
    equal(select(2, smtp.send{
        from = "<a@b>", rcpt = "<c@d>\r\nRCPT TO:<evil@e>", source = message("x"), create = create,
    }), "line break in a command")
    equal(string.find(table.concat(log.sent), "evil", 1, true), nil)
    for _, value in ipairs {"x\r\nBcc: evil@e", "x\nBcc: evil@e", "x\r\n\r\nbody", "x\r\n"} do
        local ok, err = pcall(smtp.message, {headers = {subject = value}, body = "b"})
        equal(ok, false)
        equal(string.find(err, "line break in the header", 1, true) ~= nil, true)
    end
    local folded = text_of(smtp.message{headers = {subject = "x\r\n y"}, body = "b"})
    equal(string.find(folded, "Subject: x\r\n y\r\n", 1, true) ~= nil, true)
end

function test_headers_that_every_message_has()
    local text = text_of(message("the body"))
    equal(string.find(text, "MIME-Version: 1.0\r\n", 1, true) ~= nil, true)
    equal(string.find(text, "Content-Type: text/plain; charset=\"iso-8859-1\"\r\n", 1, true) ~= nil, true)
    equal(string.find(text, "Date: %a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d %-0000\r\n") ~= nil, true)
    equal(string.find(text, "Subject: s\r\n", 1, true) ~= nil, true)
    equal(string.match(text, "\r\n\r\n(.*)$"), "the body")
end

function test_messages_of_several_parts()
    local text = text_of(smtp.message{
        headers = {subject = "s"},
        body = {
            preamble = "before",
            {headers = {["Content-Type"] = "text/html"}, body = "<p>"},
            {body = ltn12.source.string("from a source")},
            {body = {{body = "inner"}}},
            epilogue = "after",
        },
    })
    local boundary = string.match(text, 'Content%-Type: multipart/mixed; boundary="([^"]+)"')
    equal(select(2, string.gsub(text, "\r\n%-%-" .. string.gsub(boundary, "%W", "%%%0") .. "\r\n", "")), 3)
    for _, part in ipairs {"before\r\n", "Content-Type: text/html\r\n", "<p>", "from a source", "inner", "--" .. boundary .. "--\r\n", "after\r\n"} do
        equal(string.find(text, part, 1, true) ~= nil, true, part)
    end
end

function test_replies()
    local conversation = tp.connect("h", 1, 5, (saying("250-a", "250-b", "250 c", "354 go", "500 no")))
    local code, reply = conversation:check("2..")
    equal(code, 250)
    equal(reply, "250-a\n250-b\n250 c")
    equal(conversation:check{"2..", "354"}, 354)
    equal(conversation:check(function(found) return found == 500 and "seen" end), "seen")
    equal(select(2, conversation:check("2..")), "closed")
end
