-- a chain of closures that hold each other ends at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local f = function() end
function process_message()
    for i = 1, 80000 do
        local before = f
        f = function() return before end
    end
    return 0
end
