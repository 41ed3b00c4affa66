-- writing a large circular buffer again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'circular_buffer'
local cb = circular_buffer.new(50000, 4, 1)
function process_message()
    while true do pcall(add_to_payload, cb) pcall(inject_message, cb) end
    return 0
end
