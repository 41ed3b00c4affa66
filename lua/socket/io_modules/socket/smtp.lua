--[[
Sending mail.

  smtp.send {
      from = "<a@example.com>", rcpt = "<b@example.com>" or a list of them,
      source = smtp.message { headers = { subject = "…" }, body = "…" },
      server = "localhost", port = 25, user = …, password = …, domain = …, create = …,
  }

A message's body is a text, a source, or a list of messages (with `preamble` and `epilogue`), which
makes it one of several parts.
--]]

local headers = require "socket.headers"
local ltn12 = require "ltn12"
local math = require "math"
local mime = require "mime"
local os = require "os"
local socket = require "socket"
local string = require "string"
local tp = require "socket.tp"

local error, ipairs, pairs, setmetatable, tostring, type = error, ipairs, pairs, setmetatable, tostring, type

local M = {
    TIMEOUT = 60,
    SERVER = "localhost",
    PORT = 25,
    DOMAIN = "localhost",
    ZONE = "-0000",
}

-- the conversation ------------------------------------------------------------------------------

local methods = {}

local function exchange(self, ok, ...)
    self.try(self.tp:command(...))
    return self.try(self.tp:check(ok))
end

function methods:greet(domain)
    self.try(self.tp:check("2.."))
    return socket.skip(1, exchange(self, "2..", "EHLO", domain or M.DOMAIN))
end

function methods:mail(from) return exchange(self, "2..", "MAIL", "FROM:" .. from) end

function methods:rcpt(to) return exchange(self, "2..", "RCPT", "TO:" .. to) end

function methods:data(source, step)
    exchange(self, "3..", "DATA")
    self.try(self.tp:source(source, step))
    self.try(self.tp:send("\r\n.\r\n"))
    return self.try(self.tp:check("2.."))
end

function methods:quit() return exchange(self, "2..", "QUIT") end

function methods:close() return self.tp:close() end

function methods:login(user, password)
    exchange(self, "3..", "AUTH", "LOGIN")
    self.try(self.tp:send(mime.b64(user) .. "\r\n"))
    self.try(self.tp:check("3.."))
    self.try(self.tp:send(mime.b64(password) .. "\r\n"))
    return self.try(self.tp:check("2.."))
end

function methods:plain(user, password)
    local secret = mime.b64("\0" .. user .. "\0" .. password)
    return exchange(self, "2..", "AUTH", "PLAIN " .. secret)
end

-- `extensions`: what the server said to its greeting.
function methods:auth(user, password, extensions)
    if not user or not password then return 1 end
    if string.find(extensions, "AUTH[^\n]+LOGIN") then return self:login(user, password) end
    if string.find(extensions, "AUTH[^\n]+PLAIN") then return self:plain(user, password) end
    self.try(nil, "authentication not supported")
end

function methods:send(mail)
    self:mail(mail.from)
    for _, to in ipairs(type(mail.rcpt) == "table" and mail.rcpt or { mail.rcpt }) do self:rcpt(to) end
    self:data(ltn12.source.chain(mail.source, mime.stuff()), mail.step)
end

local metatable = { __index = methods }

function M.open(server, port, create)
    local conversation =
        socket.try(tp.connect(server or M.SERVER, port or M.PORT, M.TIMEOUT, create))
    local self = setmetatable({ tp = conversation }, metatable)
    self.try = socket.newtry(function() self:close() end)
    return self
end

-- messages --------------------------------------------------------------------------------------

local TEXT_TYPE = 'text/plain; charset="iso-8859-1"'
local PARTS_TYPE = "multipart/mixed"

local function lower_names(fields)
    local lower = {}
    for name, value in pairs(fields or {}) do lower[string.lower(name)] = value end
    return lower
end

local function header_text(fields)
    local text = "\r\n"
    for name, value in pairs(fields) do
        value = tostring(value)
        -- A line that does not go on with a blank would be another field, or the end of them.
        if string.find(name, "[\r\n:]") or string.find(value, "[\r\n]+[^\r\n \t]") or string.find(value, "[\r\n]$") then
            error("line break in the header " .. string.format("%q", name), 0)
        end
        text = headers.canonic[name] .. ": " .. value .. "\r\n" .. text
    end
    return text
end

local boundaries = 0

local function new_boundary()
    boundaries = boundaries + 1
    return string.format(
        "%s%05d==%05u", os.date("!%d%m%Y%H%M%S"), math.random(0, 99999), boundaries)
end

-- Appends the sources of a message to the list.
local function add_message(list, message)
    local function add(text) list[#list + 1] = ltn12.source.string(text) end
    local fields = lower_names(message.headers)
    local body = message.body
    if type(body) ~= "table" then
        fields["content-type"] = fields["content-type"] or TEXT_TYPE
        add(header_text(fields))
        if type(body) == "function" then list[#list + 1] = body else add(body or "") end
        return
    end
    local boundary = new_boundary()
    local content_type = fields["content-type"] or PARTS_TYPE
    fields["content-type"] = content_type .. '; boundary="' .. boundary .. '"'
    add(header_text(fields))
    if body.preamble then add(body.preamble .. "\r\n") end
    for _, part in ipairs(body) do
        add("\r\n--" .. boundary .. "\r\n")
        add_message(list, part)
    end
    add("\r\n--" .. boundary .. "--\r\n\r\n")
    if body.epilogue then add(body.epilogue .. "\r\n") end
end

-- A source of all sources of a list, in order.
local function all_of(list)
    local i = 1
    return function()
        while list[i] do
            local part, err = list[i]()
            if part or err then return part, err end
            i = i + 1
        end
    end
end

-- A source of the message, with the headers that every message has.
function M.message(message)
    local fields = lower_names(message.headers)
    fields["date"] = fields["date"]
        or os.date("!%a, %d %b %Y %H:%M:%S ") .. (message.zone or M.ZONE)
    fields["x-mailer"] = fields["x-mailer"] or socket._VERSION
    fields["mime-version"] = "1.0"
    message.headers = fields
    local list = {}
    add_message(list, message)
    return all_of(list)
end

M.send = socket.protect(function(mail)
    local server = M.open(mail.server, mail.port, mail.create)
    local extensions = server:greet(mail.domain)
    server:auth(mail.user, mail.password, extensions)
    server:send(mail)
    server:quit()
    return server:close()
end)

socket.smtp = M
return M
