--[[
One connection to an HTTP server, for requests one after the other.

  open(options)    connects: options.address, .port, .timeout (seconds that any step may take), .tls (a function that takes
                   the connected socket and gives one that encrypts, or nil)

  connection:post(target, headers, chunks)
      Sends a request, its body what the function `chunks` gives until it gives nil; headers["content-length"] must be its
      length. Returns the status, a table of the answer's headers by their names in small letters, and its body.
  connection:is_open()    whether the server lets another request follow
  connection:close()

All but is_open and close throw a text when something goes wrong; the connection is of no use then.
--]]

local socket = require "socket"
local string = require "string"
local table = require "table"

local error, pairs, setmetatable, tonumber = error, pairs, setmetatable, tonumber
local find, format, lower, match = string.find, string.format, string.lower, string.match

-- More than any server sends: the answer is not what it should be.
local MOST_HEADERS = 1000
local OK, NO_CONTENT, NOT_MODIFIED = 200, 204, 304

-- The value, or what a socket says instead of it as an error.
local function check(value, err)
    if value == nil then error(err or "unknown error", 0) end
    return value
end

local Connection = {}
Connection.__index = Connection

local M = {}

function M.open(options)
    local client = check(socket.tcp())
    client:settimeout(options.timeout)
    local connected, err = client:connect(options.address, options.port)
    if not connected then
        client:close()
        error(format("cannot connect to %s:%s: %s", options.address, options.port, err), 0)
    end
    client:setoption("tcp-nodelay", true)
    client:setoption("keepalive", true)
    if options.tls then client = options.tls(client) end
    return setmetatable({client = client, reusable = true}, Connection)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Requests

function Connection:send(text)
    check(self.client:send(text))
end

local function request_head(target, headers)
    local lines = {format("POST %s HTTP/1.1", target)}
    for name, value in pairs(headers) do lines[#lines + 1] = format("%s: %s", name, value) end
    lines[#lines + 1] = "\r\n"
    return table.concat(lines, "\r\n")
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Answers

function Connection:line()
    return check(self.client:receive("*l"))
end

function Connection:status()
    local line = self:line()
    local minor, code = match(line, "^HTTP/1%.(%d) (%d%d%d)")
    if not code then error("not an HTTP answer: " .. line, 0) end
    if minor == "0" then self.reusable = false end
    return tonumber(code)
end

function Connection:headers()
    local headers = {}
    for _ = 1, MOST_HEADERS do
        local line = self:line()
        if line == "" then return headers end
        local name, value = match(line, "^([^:%s]+):%s*(.-)%s*$")
        if name then headers[lower(name)] = value end
    end
    error("the HTTP answer has too many headers", 0)
end

function Connection:bytes(count)
    if count == 0 then return "" end
    return check(self.client:receive(count))
end

function Connection:chunked_body()
    local parts = {}
    while true do
        local line = self:line()
        local size = tonumber(match(line, "^%x+") or "", 16)
        if not size then error("not the size of a chunk: " .. line, 0) end
        if size == 0 then break end
        parts[#parts + 1] = self:bytes(size)
        self:line()
    end
    self:headers() -- the trailer
    return table.concat(parts)
end

function Connection:body(status, headers)
    if status == NO_CONTENT or status == NOT_MODIFIED then return "" end
    local encoding, length = headers["transfer-encoding"], headers["content-length"]
    if encoding and find(lower(encoding), "chunked", 1, true) then return self:chunked_body() end
    if length then return self:bytes(tonumber(length) or error("not a content-length: " .. length, 0)) end
    self.reusable = false
    return check(self.client:receive("*a"))
end

-- ---------------------------------------------------------------------------------------------------------------------

function Connection:post(target, headers, chunks)
    self:send(request_head(target, headers))
    for chunk in chunks do self:send(chunk) end

    local status, answer
    repeat
        status = self:status()
        answer = self:headers()
    until status >= OK
    local body = self:body(status, answer)
    if lower(answer.connection or "") == "close" then self.reusable = false end
    return status, answer, body
end

function Connection:is_open()
    return self.reusable
end

function Connection:close()
    self.client:close()
end

return M
