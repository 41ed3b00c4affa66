-- Counts Widget messages per minute over a day, in a circular buffer of 1440 rows.
-- What is injected is the buffer's delta form: its header, then the rows that changed since the last time. For the
-- whole buffer each time, leave out the last argument of new() and inject "cbuf" instead.
require "circular_buffer"

local MINUTES, SECONDS_PER_ROW = 24 * 60, 60

widgets = circular_buffer.new(MINUTES, 1, SECONDS_PER_ROW, true)
local MESSAGES = widgets:set_header(1, "Messages", "count")

function process_message()
    widgets:add(read_message("Timestamp"), MESSAGES, 1)
    return 0
end

-- Nothing changed: the delta is empty, and an empty payload is not injected.
function timer_event(ns)
    inject_payload("cbufd", "Widgets", widgets:format("cbufd"))
end
