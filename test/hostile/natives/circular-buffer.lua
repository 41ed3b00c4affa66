-- computing over a large circular buffer is ended by the wall clock
-- expect: message HKT_SANDBOX_TIME process_message() exceeded its wall clock limit of 250 ms
-- time: 250
require 'circular_buffer'
local cb = circular_buffer.new(100000, 4, 1)
function process_message()
    while true do cb:compute('avg', 1) cb:add(1e9, 1, 1) cb:add(1e18, 1, 1) end
    return 0
end
