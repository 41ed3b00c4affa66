-- a __index metamethod that never returns is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local mt = {}
mt.__index = function() while true do end end
local t, t2 = setmetatable({}, mt), setmetatable({}, mt)
function process_message()
    local x = t.anything
    return 0
end
