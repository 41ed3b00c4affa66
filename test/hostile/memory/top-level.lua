-- growth outside of any function ends the load
-- expect: load HKT_SANDBOX_MEMORY *not enough memory
local t = {}
for i = 1, 1e9 do t[i] = {{}, {}, {}, {}, {}} end

function process_message()
    return 0
end
