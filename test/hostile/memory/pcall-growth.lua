-- growth under pcall ends the sandbox
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local t = {}
function process_message()
    for i = 1, 40 do
        pcall(function()
            for i = 1, 1000 do t[#t + 1] = {i} end
        end)
    end
    return 0
end
