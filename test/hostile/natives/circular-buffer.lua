-- computing over a large circular buffer is paid for by the cell
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'circular_buffer'
local cb = circular_buffer.new(100000, 4, 1)
function process_message()
    while true do cb:compute('avg', 1) cb:add(1e9, 1, 1) cb:add(1e18, 1, 1) end
    return 0
end
