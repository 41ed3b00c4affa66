--[[
HTTP requests.

  text, code, headers, status = http.request(url [, body])      GET, or POST of a form
  1, code, headers, status    = http.request {
      url = …, method = "GET", headers = { … }, source = …, sink = …, step = …,
      proxy = …, redirect = …, maxredirects = 5, create = …,
  }

nil and an error when there is no answer. Redirections are followed for GET and HEAD when they stay
on the host; with redirect = true wherever they lead, with redirect = false never. There is no https.
--]]

local headers = require "socket.headers"
local ltn12 = require "ltn12"
local mime = require "mime"
local socket = require "socket"
local string = require "string"
local table = require "table"
local url = require "socket.url"

local pairs, setmetatable, tonumber, tostring, type = pairs, setmetatable, tonumber, tostring, type

local M = {
    -- Seconds that one wait may take.
    TIMEOUT = 60,
    USERAGENT = socket._VERSION,
    -- Header fields of an answer, and bytes of a body that is returned as a text.
    MAXHEADERS = 1000,
    MAXBODY = 16 * 1024 * 1024,
}

local function no_https()
    return nil, "https is not to be had: there is no module 'ssl'"
end

M.schemes = {
    http = { port = 80, create = function() return socket.tcp end },
    https = { port = 443, create = function() return no_https end },
}

-- headers and bodies ----------------------------------------------------------------------------

local function read_headers(connection, fields)
    fields = fields or {}
    local line, err = connection:receive()
    local count = 0
    while line ~= "" do
        if not line then return nil, err end
        count = count + 1
        if count > M.MAXHEADERS then return nil, "too many response headers" end
        local name, value = string.match(line, "^(.-):%s*(.*)")
        if not name then return nil, "malformed response headers" end
        line, err = connection:receive()
        -- A line that begins with a blank goes on with the one before.
        while line and string.find(line, "^%s") do
            value = value .. line
            count = count + 1
            if count > M.MAXHEADERS then return nil, "too many response headers" end
            line, err = connection:receive()
        end
        name = string.lower(name)
        fields[name] = fields[name] and fields[name] .. ", " .. value or value
    end
    return fields
end

socket.sourcet["http-chunked"] = function(connection, fields)
    local left = 0
    local over = false
    return socket._about(connection, function()
        if over then return nil end
        if left == 0 then
            local line, err = connection:receive()
            if not line then return nil, err end
            local size = tonumber((string.gsub(line, "%s*;.*", "")), 16)
            if not size or size < 0 then return nil, "invalid chunk size" end
            if size == 0 then
                over = true
                local ok
                ok, err = read_headers(connection, fields)
                if not ok then return nil, err end
                return nil
            end
            left = size
        end
        -- A part at a time: a chunk may be of any size.
        local part, err = connection:receive(left < socket.BLOCKSIZE and left or socket.BLOCKSIZE)
        if not part then return nil, err end
        left = left - #part
        if left == 0 then
            local ending
            ending, err = connection:receive()
            if not ending then return nil, err end
        end
        return part
    end)
end

socket.sinkt["http-chunked"] = function(connection)
    return socket._about(connection, function(part)
        if not part then return connection:send("0\r\n\r\n") end
        if part == "" then return 1 end -- an empty chunk is the end
        return connection:send(string.format("%X\r\n", #part) .. part .. "\r\n")
    end)
end

-- one connection --------------------------------------------------------------------------------

local methods = {}
local metatable = { __index = methods }

function M.open(host, port, create)
    local connection = socket.try((create or socket.tcp)())
    local self = setmetatable({ c = connection }, metatable)
    self.try = socket.newtry(function() self:close() end)
    self.try(connection:settimeout(M.TIMEOUT))
    self.try(connection:connect(host, port or M.schemes.http.port))
    return self
end

local function one_line(self, text)
    if string.find(text, "[\r\n]") then self.try(nil, "line break in the request") end
    return text
end

function methods:sendrequestline(method, uri)
    local line = one_line(self, (method or "GET") .. " " .. uri .. " HTTP/1.1")
    return self.try(self.c:send(line .. "\r\n"))
end

function methods:sendheaders(fields)
    local text = "\r\n"
    for name, value in pairs(fields) do
        local line = headers.canonic[name] .. ": " .. tostring(value)
        text = one_line(self, line) .. "\r\n" .. text
    end
    self.try(self.c:send(text))
    return 1
end

-- In chunks when nobody said how long it is.
function methods:sendbody(fields, source, step)
    local mode = fields["content-length"] and "keep-open" or "http-chunked"
    local sink = socket.sink(mode, self.c)
    return self.try(ltn12.pump.all(source or ltn12.source.empty(), sink, step or ltn12.pump.step))
end

-- The code and the line; nil and what there is instead when it is no answer of HTTP 1.
function methods:receivestatusline()
    local start = self.try(self.c:receive(5))
    if start ~= "HTTP/" then return nil, start end
    local status = self.try(self.c:receive("*l", start))
    local code = string.match(status, "^HTTP/%d*%.%d* (%d%d%d)")
    if not code then self.try(nil, "malformed response") end
    return tonumber(code), status
end

function methods:receiveheaders()
    return self.try(read_headers(self.c))
end

function methods:receivebody(fields, sink, step)
    local encoding = fields["transfer-encoding"]
    local length = tonumber(fields["content-length"])
    local mode, detail = "default", nil
    if encoding and encoding ~= "identity" then
        mode, detail = "http-chunked", fields
    elseif length then
        mode, detail = "by-length", length
    end
    local source = socket.source(mode, self.c, detail)
    return self.try(ltn12.pump.all(source, sink or ltn12.sink.null(), step or ltn12.pump.step))
end

-- An answer without status and headers; `start` was read of it.
function methods:receive09body(start, sink, step)
    local source = ltn12.source.rewind(socket.source("until-closed", self.c))
    source(start)
    return self.try(ltn12.pump.all(source, sink or ltn12.sink.null(), step or ltn12.pump.step))
end

function methods:close()
    return self.c:close()
end

-- requests --------------------------------------------------------------------------------------

local function basic(user, password)
    return "Basic " .. mime.b64(user .. ":" .. password)
end

local function request_headers(request, proxy)
    local host = request.host
    if string.find(host, ":", 1, true) then host = "[" .. host .. "]" end
    if tostring(request.port) ~= tostring(M.schemes[request.scheme].port) then
        host = host .. ":" .. request.port
    end
    local fields = {
        ["user-agent"] = M.USERAGENT,
        ["host"] = host,
        ["connection"] = "close, TE",
        ["te"] = "trailers",
    }
    if request.user and request.password then
        fields["authorization"] = basic(url.unescape(request.user), url.unescape(request.password))
    end
    if proxy and proxy.user and proxy.password then
        fields["proxy-authorization"] = basic(proxy.user, proxy.password)
    end
    for name, value in pairs(request.headers or {}) do fields[string.lower(name)] = value end
    if request.source and not fields["content-length"] and not fields["transfer-encoding"] then
        fields["transfer-encoding"] = "chunked"
    end
    return fields
end

-- What a request comes to: the URL's parts under those that are given.
local function completed(given)
    local request = given.url and url.parse(given.url, { path = "/", scheme = "http" })
        or { path = given.path or "/", scheme = given.scheme or "http" }
    for name, value in pairs(given) do request[name] = value end
    local scheme = M.schemes[request.scheme]
    if not scheme then socket.try(nil, "unknown scheme '" .. tostring(request.scheme) .. "'") end
    if not request.host or request.host == "" then
        socket.try(nil, "invalid host '" .. tostring(request.host) .. "'")
    end
    if not request.port or request.port == "" then request.port = scheme.port end
    if not request.method or request.method == "" then request.method = "GET" end

    local proxy_url = request.proxy or M.PROXY
    local proxy = proxy_url and url.parse(proxy_url)
    request.uri = given.uri
        or (proxy and url.build(request))
        or url.build { path = request.path, params = request.params, query = request.query }
    request.headers = request_headers(request, proxy)
    request.create = given.create or scheme.create(request)
    request.to_host = proxy and proxy.host or request.host
    request.to_port = proxy and (proxy.port or 3128) or request.port
    return request
end

local REDIRECTIONS = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

-- Where an answer leads, if it is to be followed.
local function followed(request, code, location)
    if not location or request.redirect == false or not REDIRECTIONS[code] then return nil end
    if request.source or (request.method ~= "GET" and request.method ~= "HEAD") then return nil end
    local count = request.nredirects or 0
    if request.maxredirects ~= false and count >= (request.maxredirects or 5) then return nil end
    location = string.gsub(location, "%s", "")
    if location == "" then return nil end
    local base = request.url or url.build {
        scheme = request.scheme, host = request.host, port = request.port, path = request.path,
    }
    local target = url.absolute(base, location)
    local parts = url.parse(target)
    if not parts or not M.schemes[parts.scheme] or not parts.host then return nil end
    if request.scheme == "https" and parts.scheme ~= "https" then return nil end
    local stays = string.lower(parts.host) == string.lower(request.host)
    if not stays and request.redirect ~= true then return nil end
    return target, stays
end

local perform

local function redirected(given, target, stays, request)
    local fields = given.headers
    if not stays and fields then
        -- What was meant for the one host is none of the other's business.
        fields = {}
        for name, value in pairs(given.headers) do
            local lower = string.lower(name)
            if lower ~= "authorization" and lower ~= "cookie" and lower ~= "host" then
                fields[name] = value
            end
        end
    end
    local ok, code, answer, status = perform {
        url = target,
        method = given.method,
        sink = given.sink,
        step = given.step,
        headers = fields,
        proxy = given.proxy,
        redirect = given.redirect,
        maxredirects = given.maxredirects,
        nredirects = (request.nredirects or 0) + 1,
        create = given.create,
    }
    answer = answer or {}
    answer.location = answer.location or target
    return ok, code, answer, status
end

local function has_body(method, code)
    return method ~= "HEAD" and code ~= 204 and code ~= 304 and code >= 200
end

function perform(given)
    local request = completed(given)
    local connection = M.open(request.to_host, request.to_port, request.create)
    connection:sendrequestline(request.method, request.uri)
    connection:sendheaders(request.headers)
    if request.source then connection:sendbody(request.headers, request.source, request.step) end
    local code, status = connection:receivestatusline()
    if not code then
        connection:receive09body(status, request.sink, request.step)
        return 1, 200
    end
    while code == 100 do
        connection:receiveheaders()
        code, status = connection:receivestatusline()
        if not code then connection.try(nil, "malformed response") end
    end
    local fields = connection:receiveheaders()
    local target, stays = followed(request, code, fields.location)
    if target then
        connection:close()
        return redirected(given, target, stays, request)
    end
    if has_body(request.method, code) then
        connection:receivebody(fields, request.sink, request.step)
    end
    connection:close()
    return 1, code, fields, status
end

-- A sink that refuses what is more than a text should be.
local function bounded_table(parts)
    local length = 0
    return function(part)
        if not part then return 1 end
        length = length + #part
        if length > M.MAXBODY then return nil, "body is too long" end
        parts[#parts + 1] = part
        return 1
    end
end

-- The request of the short form; its answer goes to `target`.
function M.genericform(address, body)
    local parts = {}
    local request = { url = address, sink = bounded_table(parts), target = parts }
    if body then
        request.source = ltn12.source.string(body)
        request.headers = {
            ["content-length"] = #body,
            ["content-type"] = "application/x-www-form-urlencoded",
        }
        request.method = "POST"
    end
    return request
end

M.request = socket.protect(function(given, body)
    if type(given) ~= "string" then return perform(given) end
    local request = M.genericform(given, body)
    local _, code, fields, status = perform(request)
    return table.concat(request.target), code, fields, status
end)

socket.http = M
return M
