-- unpacking a large table is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *too many results to unpack
local t = {}
for i = 1, 100000 do t[i] = i end
function process_message()
    local a = {unpack(t)}
    return 0
end
