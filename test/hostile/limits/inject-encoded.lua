-- an encoded message that is no message is refused
-- expect: message HKT_SANDBOX_SCRIPT process_message() *inject_message() protobuf unmarshal failed
require 'string'
function process_message()
    inject_message(string.rep('\255', 1000))
    return 0
end
