-- a __concat metamethod that never returns is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local mt = {}
mt.__concat = function() while true do end end
local t, t2 = setmetatable({}, mt), setmetatable({}, mt)
function process_message()
    local x = t .. 'x'
    return 0
end
