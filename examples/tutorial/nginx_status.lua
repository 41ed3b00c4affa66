-- Counts the lines of an nginx access log (combined format) by the class of their status.
-- Global variables are kept across restarts (preserve_data), local ones are not: so the first tick after a restart
-- says where the counts stand.
require "string"

-- client - user [time] "request" status bytes ...
local COMBINED = '^%S+ %S+ %S+ %[[^%]]*%] "[^"]*" (%d)%d%d '

lines = 0
unreadable = 0
class = {0, 0, 0, 0, 0}

local reported = -1

function process_message()
    lines = lines + 1
    local first = string.match(read_message("Payload"), COMBINED)
    local n = tonumber(first)
    if not n or not class[n] then
        unreadable = unreadable + 1
        return 0
    end
    class[n] = class[n] + 1
    return 0
end

function timer_event(ns)
    if lines == reported then return end
    reported = lines
    inject_payload("txt", "status", string.format(
        "nginx: %d lines, 2xx %d, 3xx %d, 4xx %d, 5xx %d, unreadable %d",
        lines, class[2], class[3], class[4], class[5], unreadable))
end
