-- a circular buffer whose size overflows is refused
-- expect: message HKT_SANDBOX_* process_message() *
require 'circular_buffer'
function process_message()
    circular_buffer.new(2 ^ 32 - 1, 255, 1)
    return 0
end
