-- walking over what was removed is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
local t = {}
for i = 1, 50000 do t['k' .. i] = i end
for i = 1, 49999 do t['k' .. i] = nil end
function process_message()
    while true do next(t) end
    return 0
end
