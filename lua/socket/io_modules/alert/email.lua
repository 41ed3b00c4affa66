--[[
Sends alerts as mail, for the output alert.lua.

  send(msg, settings)
      Mails the alert `msg`: its subject is the summary, its text the Payload, and settings.footer behind it if there is one.
      settings.recipients is a list of addresses in angle brackets, as heka.alert.email gives it. Returns nothing, or what
      went wrong.

Configuration:

  alert = {
      modules = {
          email = {
              from = "hekate@example.com",        -- required
              server = "localhost",               -- default
              port = 25,                          -- default; 465 with ssl_params
              timeout = 15,                       -- seconds of each step; default
              user = "name", _password = "word",  -- default: none
              ssl_params = {                      -- default: no TLS
                  mode = "client", protocol = "any", verify = "peer", cafile = "ca.pem",
              },
          },
      },
  }
--]]

local smtp = require "socket.smtp"
local socket = require "socket"
local string = require "string"

local ipairs, setmetatable, tostring, type = ipairs, setmetatable, tostring, type

local TLS_PORT = 465
local DEFAULT_TIMEOUT_SECONDS = 15
local TO = "AlertRecipients <noreply@example.com>"
local SUMMARY = "summary"

local config = read_config("alert")
assert(type(config) == "table", "alert configuration must be a table")
assert(type(config.modules) == "table", "alert.modules configuration must be a table")
config = config.modules.email
assert(type(config) == "table", "alert.modules.email configuration must be a table")

local function check(name, expected)
    local value = config[name]
    assert(value == nil or type(value) == expected, string.format("alert.email.%s must be a %s", name, expected))
    return value
end

assert(type(config.from) == "string", "alert.email.from must be a string")
local from = string.format("<%s>", config.from)
local server = check("server", "string")
local ssl_params = check("ssl_params", "table")
local port = check("port", "number") or ssl_params and TLS_PORT or nil
local timeout = check("timeout", "number") or DEFAULT_TIMEOUT_SECONDS

smtp.TIMEOUT = timeout

-- What the conversation has instead of a socket: connecting is followed by the handshake.
local function tls_creator()
    local ssl = require "ssl"
    local context = assert(ssl.newcontext(ssl_params))

    return function()
        local current, err = socket.tcp()
        if not current then return nil, err end

        local function connect(_, host, host_port)
            current:settimeout(timeout)
            local ok, why = current:connect(host, host_port)
            if not ok then return nil, why end
            local tls
            tls, why = ssl.wrap(current, context)
            if not tls then return nil, why end
            current = tls
            current:settimeout(timeout)
            return current:dohandshake()
        end

        return setmetatable({connect = connect}, {
            __index = function(_, name)
                return function(_, ...) return current[name](current, ...) end
            end,
        })
    end
end

local create = ssl_params and tls_creator() or nil

-- The field of that name of a decoded message, its first value.
local function field_of(msg, name)
    for _, field in ipairs(msg.Fields or {}) do
        if field.name == name then
            local value = field.value
            if type(value) == "table" then return value[1] end
            return value
        end
    end
end

-- A line break in a header would begin another one.
local function one_line(text)
    return (string.gsub(tostring(text or ""), "[%c]+", " "))
end

local function footer_of(settings)
    local footer = settings.footer
    if type(footer) == "table" then footer = footer[1] end
    if type(footer) == "string" then return footer end
    return ""
end

-- Mail has no other line ends: at others a server could see the end of the mail.
local function mail_text(text)
    return (string.gsub(string.gsub(text, "\r\n?", "\n"), "\n", "\r\n"))
end

-- Nothing, or what is wrong with them: a line break would begin another command.
local function fault_of(recipients)
    if type(recipients) ~= "table" or #recipients == 0 then return "an alert without email.recipients" end
    for _, address in ipairs(recipients) do
        if type(address) ~= "string" or string.find(address, "%c") then return "email.recipients must be addresses" end
    end
end

local M = {}

function M.send(msg, settings)
    local fault = fault_of(settings.recipients)
    if fault then return fault end
    local _, err = smtp.send{
        from = from,
        rcpt = settings.recipients,
        server = server,
        port = port,
        user = config.user,
        password = config._password,
        create = create,
        source = smtp.message{
            headers = {from = from, to = TO, subject = one_line(field_of(msg, SUMMARY))},
            body = mail_text((msg.Payload or "") .. footer_of(settings)),
        },
    }
    return err
end

return M
