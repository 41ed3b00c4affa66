-- a huge circular buffer is refused before it is made
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'circular_buffer'
function process_message()
    circular_buffer.new(1e6, 100, 1)
    return 0
end
