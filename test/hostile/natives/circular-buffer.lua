-- computing over a large circular buffer is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'circular_buffer'
local cb = circular_buffer.new(100000, 4, 1)
function process_message()
    while true do cb:compute('avg', 1) cb:add(1e9, 1, 1) cb:add(1e18, 1, 1) end
    return 0
end
