-- a message that holds itself is refused
-- expect: message HKT_SANDBOX_SCRIPT process_message() *inject_message() could not encode protobuf*
local t = {}
t.Fields = {t = t, a = {t}}
function process_message()
    inject_message(t)
    return 0
end
