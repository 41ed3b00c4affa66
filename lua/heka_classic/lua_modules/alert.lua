--[[
Alerts: payloads of the type "alert", throttled so that a fault that lasts does not send one every minute.

  send(ns, text)      sends an alert; false when it is throttled or when there is no text
  queue(ns, text)     keeps an alert for send_queue; false as above
  send_queue(ns)      sends what was queued as one alert, a line each; false when it is throttled (what was queued is
                      dropped then) or when there is nothing
  throttled(ns)       whether an alert would be throttled at this time
  set_throttle(ns)    the least time between two alerts; an hour unless set

Times are nanoseconds since 1970. The time 0 is never throttled. Alerts go out by inject_payload. The time of the last one
is the global _LAST_ALERT, so that preserve_data keeps it.

Filters make their throttle a setting:

  [http_status]
  type = "SandboxFilter"
  filename = "lua_filters/http_status.lua"
  preserve_data = true
    [http_status.config]
    alert_throttle = 300    # seconds
--]]

local table = require "table"

_LAST_ALERT = 0

local M = {}

local throttle_ns = 3600e9
local queued = {}

function M.throttled(ns)
    if ns == 0 then return false end
    -- Also when time goes back.
    return ns < _LAST_ALERT or ns - _LAST_ALERT <= throttle_ns
end

local function is_due(ns, text)
    return text and text ~= "" and not M.throttled(ns)
end

function M.queue(ns, text)
    if not is_due(ns, text) then return false end
    queued[#queued + 1] = text
    return true
end

function M.send(ns, text)
    if not is_due(ns, text) then return false end
    inject_payload("alert", "", text)
    if ns > _LAST_ALERT then _LAST_ALERT = ns end
    return true
end

function M.send_queue(ns)
    local text = table.concat(queued, "\n")
    queued = {}
    return M.send(ns, text)
end

function M.set_throttle(ns)
    throttle_ns = ns
end

return M
