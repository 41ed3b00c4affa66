--[[
Conversations of commands and numbered replies, as SMTP has them.
--]]

local ltn12 = require "ltn12"
local socket = require "socket"
local string = require "string"
local table = require "table"

local ipairs, setmetatable, tonumber, type = ipairs, setmetatable, tonumber, type

local M = { TIMEOUT = 60 }

-- A server that does not end its reply is none.
local MOST_LINES = 1000

-- Code and text of a reply, which may have several lines.
local function reply_of(connection)
    local line, err = connection:receive()
    if not line then return nil, err end
    local code, mark = string.match(line, "^(%d%d%d)(.?)")
    if not code then return nil, "invalid server reply" end
    local lines = { line }
    while mark == "-" do
        line, err = connection:receive()
        if not line then return nil, err end
        lines[#lines + 1] = line
        if #lines > MOST_LINES then return nil, "invalid server reply" end
        if string.sub(line, 1, 4) == code .. " " or line == code then mark = " " end
    end
    return code, table.concat(lines, "\n")
end

local methods = {}

-- `ok` is a pattern of codes, a list of them, or a function of code and reply.
function methods:check(ok)
    local code, reply = reply_of(self.c)
    if not code then return nil, reply end
    if type(ok) == "function" then return ok(tonumber(code), reply) end
    for _, pattern in ipairs(type(ok) == "table" and ok or { ok }) do
        if string.find(code, pattern) then return tonumber(code), reply end
    end
    return nil, reply
end

function methods:command(name, argument)
    local line = string.upper(name)
    if argument then line = line .. " " .. argument end
    -- Whatever an argument is made of, it is one command.
    if string.find(line, "[\r\n]") then return nil, "line break in a command" end
    return self.c:send(line .. "\r\n")
end

function methods:send(data) return self.c:send(data) end

function methods:receive(pattern) return self.c:receive(pattern) end

function methods:source(source, step)
    return ltn12.pump.all(source, socket.sink("keep-open", self.c), step or ltn12.pump.step)
end

function methods:sink(sink, pattern)
    return sink(self.c:receive(pattern))
end

function methods:getfd() return self.c:getfd() end

function methods:dirty() return self.c:dirty() end

function methods:getcontrol() return self.c end

function methods:getpeername() return self.c:getpeername() end

function methods:getsockname() return self.c:getsockname() end

function methods:close()
    self.c:close()
    return 1
end

local metatable = { __index = methods }

function M.connect(host, port, timeout, create)
    local connection, err = (create or socket.tcp)()
    if not connection then return nil, err end
    -- What a script makes its connections of need not have every method.
    if connection.settimeout then connection:settimeout(timeout or M.TIMEOUT) end
    local ok
    ok, err = connection:connect(host, port)
    if not ok then
        connection:close()
        return nil, err
    end
    return setmetatable({ c = connection }, metatable)
end

socket.tp = M
return M
