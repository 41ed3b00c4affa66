-- a circular buffer whose size overflows is refused
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'circular_buffer'
function process_message()
    circular_buffer.new(2 ^ 32 - 1, 255, 1)
    return 0
end
