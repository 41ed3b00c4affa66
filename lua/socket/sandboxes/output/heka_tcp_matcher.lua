--[[
Streams messages to whoever connects: a client sends one line with a message matcher, and gets the framed messages that match
from then on, for as long as it takes them.

Configuration

  filename = "heka_tcp_matcher.lua"
  message_matcher = "TRUE"
  ticker_interval = 1      -- seconds between two looks at who has connected
  address = "127.0.0.1"    -- the default
  port = 5566              -- the default

A client that sends no matcher is let go, and so is one that does not take its messages within a second. A matcher that is
wrong is answered by a message of the Type "bad matcher". ssl_params needs the module ssl.
--]]

local socket = require "socket"
local string = require "string"
local table = require "table"

local address = read_config("address") or "127.0.0.1"
local port = read_config("port") or 5566
if read_config("ssl_params") then require "ssl" end

local server = assert(socket.bind(address, port))
server:settimeout(0)

-- Looks that a client has until its line is there, and bytes of the line.
local PATIENCE = 10
local LONGEST = 8192
-- Seconds that sending one message may take.
local SEND_TIMEOUT = 1
-- Clients of either kind.
local MOST = 100

local waiting = {}
local subscribers = {}

local function send(connection, data)
    connection:settimeout(-1)
    connection:settimeout(SEND_TIMEOUT, "t")
    return connection:send(data)
end

local function refuse(connection, line, why)
    print("bad matcher", line, why)
    local text = string.format("'%s' %s", line, why)
    send(connection, encode_message({Type = "bad matcher", Payload = text}, true))
    connection:close()
end

local function subscribe(connection, line)
    local ok, matcher = pcall(create_message_matcher, line)
    if not ok then return refuse(connection, line, tostring(matcher)) end
    subscribers[#subscribers + 1] = {connection = connection, matcher = matcher}
end

-- True as long as the client's line may still come.
local function listen(client)
    local data, err, part = client.connection:receive(LONGEST - #client.part)
    client.part = client.part .. (data or part)
    local line = string.match(client.part, "^(.-)\r?\n")
    if line then
        subscribe(client.connection, line)
        return false
    end
    client.looks = client.looks + 1
    if err == "timeout" and client.looks < PATIENCE then return true end
    client.connection:close()
    return false
end

-- What a subscriber says is left out; true as long as it is there.
local function is_there(subscriber)
    local connection = subscriber.connection
    connection:settimeout(0)
    local data, err = connection:receive(LONGEST)
    if data or err == "timeout" then return true end
    connection:close()
    return false
end

local function keep_only(clients, is_kept)
    for i = #clients, 1, -1 do
        if not is_kept(clients[i]) then table.remove(clients, i) end
    end
end

local function accept()
    for _ = 1, MOST do
        local connection = server:accept()
        if not connection then return end
        if #waiting + #subscribers >= MOST then
            connection:close()
        else
            connection:settimeout(0)
            waiting[#waiting + 1] = {connection = connection, part = "", looks = 0}
        end
    end
end

function process_message()
    local framed
    for i = #subscribers, 1, -1 do
        local subscriber = subscribers[i]
        if subscriber.matcher:eval() then
            framed = framed or read_message("framed")
            if not send(subscriber.connection, framed) then
                subscriber.connection:close()
                table.remove(subscribers, i)
            end
        end
    end
    return 0
end

function timer_event(ns, shutdown)
    if shutdown then
        for _, clients in ipairs {waiting, subscribers} do
            for _, client in ipairs(clients) do client.connection:close() end
        end
        waiting, subscribers = {}, {}
        return
    end
    keep_only(subscribers, is_there)
    accept()
    keep_only(waiting, listen)
end
