--[[
Sockets (LuaSocket 3.0): the native half, socket.core, and what is easier said in Lua: bind, errors
that unwind to a protected function, sources and sinks over connections.
--]]

local socket = require "socket.core"
local math = require "math"

local error, ipairs, pcall, setmetatable = error, ipairs, pcall, setmetatable
local tostring, type = tostring, type

-- Objects of a script's own that select is given are asked as the script itself would.
socket._indexer(function(object, name) return object[name] end)

socket.BLOCKSIZE = 2048

-- connecting and binding ------------------------------------------------------------------------

function socket.connect4(address, port, local_address, local_port)
    return socket.connect(address, port, local_address, local_port, "inet")
end

function socket.connect6(address, port, local_address, local_port)
    return socket.connect(address, port, local_address, local_port, "inet6")
end

local function listening(entry, port, backlog)
    local create = entry.family == "inet6" and socket.tcp6 or socket.tcp4
    local server, err = create()
    if not server then return nil, err end
    local ok
    ok, err = server:setoption("reuseaddr", true)
    if ok then ok, err = server:bind(entry.addr, port) end
    if ok then ok, err = server:listen(backlog) end
    if ok then return server end
    server:close()
    return nil, err
end

-- A server at the first of the host's addresses that can be had.
function socket.bind(host, port, backlog)
    local addresses, err = socket.dns.getaddrinfo(host == "*" and "0.0.0.0" or host)
    if not addresses then return nil, err end
    err = "no info on address"
    for _, entry in ipairs(addresses) do
        local server
        server, err = listening(entry, port, backlog)
        if server then return server end
    end
    return nil, err
end

-- errors ----------------------------------------------------------------------------------------

-- What `try` raises: a table that holds the error, and that only `protect` knows again.
local raised = setmetatable({}, { __mode = "k" })
local closed = { __metatable = false }

local function passed(finish, ok, ...)
    if ok then return ok, ... end
    if finish then finish() end
    local wrapped = setmetatable({ (...) }, closed)
    raised[wrapped] = true
    error(wrapped, 0)
end

-- A function that passes its arguments on, or, when the first is false, unwinds with the second as
-- the error, `finish` having been called.
function socket.newtry(finish)
    return function(...) return passed(finish, ...) end
end

socket.try = socket.newtry()

local function unwrapped(ok, ...)
    if ok then return ... end
    local err = ...
    if type(err) == "table" and raised[err] then return nil, err[1] end
    error(err, 0)
end

-- A function that returns nil and the error where the given one unwinds by `try`.
function socket.protect(call)
    return function(...) return unwrapped(pcall(call, ...)) end
end

-- sources and sinks -----------------------------------------------------------------------------

-- A function that makes one of several kinds by name, or the default.
function socket.choose(makers)
    return function(name, first, second)
        if type(name) ~= "string" then name, first, second = "default", name, first end
        local make = makers[name]
        if not make then error("unknown key (" .. tostring(name) .. ")", 3) end
        return make(first, second)
    end
end

-- A function that select takes for the connection that it is about.
local function about(connection, call)
    return setmetatable({
        getfd = function() return connection:getfd() end,
        dirty = function() return connection:dirty() end,
    }, { __call = function(_, ...) return call(...) end })
end
socket._about = about

socket.sinkt = {}

socket.sinkt["keep-open"] = function(connection)
    return about(connection, function(part)
        if not part then return 1 end
        return connection:send(part)
    end)
end

socket.sinkt["close-when-done"] = function(connection)
    return about(connection, function(part)
        if part then return connection:send(part) end
        connection:close()
        return 1
    end)
end

socket.sinkt["default"] = socket.sinkt["keep-open"]
socket.sink = socket.choose(socket.sinkt)

socket.sourcet = {}

socket.sourcet["by-length"] = function(connection, length)
    return about(connection, function()
        if length <= 0 then return nil end
        local part, err = connection:receive(math.min(socket.BLOCKSIZE, length))
        if not part then return nil, err end
        length = length - #part
        return part
    end)
end

socket.sourcet["until-closed"] = function(connection)
    local over = false
    return about(connection, function()
        if over then return nil end
        local part, err, rest = connection:receive(socket.BLOCKSIZE)
        if part then return part end
        if err ~= "closed" then return nil, err end
        connection:close()
        over = true
        return rest ~= "" and rest or nil
    end)
end

socket.sourcet["default"] = socket.sourcet["until-closed"]
socket.source = socket.choose(socket.sourcet)

return socket
