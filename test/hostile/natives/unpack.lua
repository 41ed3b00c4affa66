-- unpacking again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
local t = {}
for i = 1, 5000 do t[i] = i end
function process_message()
    while true do select('#', unpack(t)) end
    return 0
end
