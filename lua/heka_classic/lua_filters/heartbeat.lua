--[[
Watches hosts that send heartbeats: any message that matches is one of its Hostname. Every tick a table of all hosts is
injected as JSON, with times in milliseconds, and an alert for hosts that have not been heard of:

  {"web1":{"last_heartbeat":1415311858257,"last_alert":0,"status":"up"},"web2":{...,"status":"down"}}

  [heartbeat]
  type = "SandboxFilter"
  filename = "lua_filters/heartbeat.lua"
  message_matcher = "Type == 'heartbeat'"
  ticker_interval = 30
  preserve_data = true
    [heartbeat.config]
    heartbeat_timeout = 30   # seconds without a message after which a host is down
    alert_throttle = 300     # seconds between two alerts for a host, at the least
--]]

local alert = require "alert"
local cjson = require "cjson"
local math = require "math"
local string = require "string"

local timeout_ms = (read_config("heartbeat_timeout") or 30) * 1000
local throttle_ms = (read_config("alert_throttle") or 300) * 1000
-- Each host has a throttle of its own.
alert.set_throttle(0)

hosts = {}

local function milliseconds(ns)
    return math.floor(ns / 1e6)
end

function process_message()
    local now, name = milliseconds(read_message("Timestamp")), read_message("Hostname")
    local host = hosts[name]
    if host then
        host.last_heartbeat = now
    else
        hosts[name] = {last_heartbeat = now, last_alert = 0, status = "up"}
    end
    return 0
end

function timer_event(ns)
    local now = milliseconds(ns)
    for name, host in pairs(hosts) do
        local is_down = now - host.last_heartbeat > timeout_ms
        host.status = is_down and "down" or "up"
        if is_down and now - host.last_alert > throttle_ms then
            alert.queue(ns, string.format("Missing Heartbeat - %s\n", name))
            host.last_alert = now
        end
    end
    alert.send_queue(ns)
    inject_payload("json", "heartbeat", cjson.encode(hosts))
end
