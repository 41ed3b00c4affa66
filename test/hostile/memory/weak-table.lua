-- a weak table hides nothing from the limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local weak, keep = setmetatable({}, {__mode = 'k'}), {}
function process_message()
    for i = 1, 20000 do
        local key = {}
        keep[#keep + 1] = key
        weak[key] = {key}
    end
    return 0
end
