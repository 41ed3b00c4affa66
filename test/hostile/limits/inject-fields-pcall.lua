-- encoding large messages for ever is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
local fields = {}
for i = 1, 20000 do fields['field ' .. i] = i end
function process_message()
    while true do pcall(inject_message, {Fields = fields}) end
    return 0
end
