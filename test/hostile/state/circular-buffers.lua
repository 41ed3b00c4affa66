-- circular buffers come back
-- expect: lives
-- preserve: true
require 'circular_buffer'
cb = circular_buffer.new(1440, 4, 60)
function process_message()
    cb:add(1e9, 1, 1)
    same = {cb, cb}
    return 0
end
