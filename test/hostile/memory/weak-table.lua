-- a weak table hides nothing from the limit
-- expect: message HKT_SANDBOX_* process_message() *
local t = setmetatable({}, {__mode = 'k'})
local keep = {}
function process_message()
    while true do
        local k = {}
        keep[#keep + 1] = k
        t[k] = {k}
    end
    return 0
end
