-- decoding a lie for ever is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
local bytes = string.rep('\82\4\10\2ab', 10000)
function process_message()
    while true do pcall(decode_message, bytes) end
    return 0
end
