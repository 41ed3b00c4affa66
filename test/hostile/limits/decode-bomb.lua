-- decoding a lie for ever is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local bytes = string.rep('\82\4\10\2ab', 5000)
function process_message()
    while true do pcall(decode_message, bytes) end
    return 0
end
