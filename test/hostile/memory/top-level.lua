-- growth outside of any function ends the load
-- expect: load HKT_SANDBOX_MEMORY *not enough memory
local t = {}
while true do t[#t + 1] = {} end
function process_message()

    return 0
end
