-- a __call metamethod that never returns is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local mt = {}
mt.__call = function() while true do end end
local t, t2 = setmetatable({}, mt), setmetatable({}, mt)
function process_message()
    t()
    return 0
end
