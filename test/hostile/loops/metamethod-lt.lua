-- a __lt metamethod that never returns is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local mt = {}
mt.__lt = function() while true do end end
local t, t2 = setmetatable({}, mt), setmetatable({}, mt)
function process_message()
    local x = t < t2
    return 0
end
