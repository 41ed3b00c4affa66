-- many circular buffers end at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'circular_buffer'
local t = {}
function process_message()
    for i = 1, 1000 do t[#t + 1] = circular_buffer.new(1440, 2, 60) end
    return 0
end
