-- asking for the length of a list with holes is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
local t = {}
for i = 1, 50000, 2 do t[i] = i end
function process_message()
    while true do local n = #t end
    return 0
end
