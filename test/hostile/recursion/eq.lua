-- recursion through __eq is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
local mt = {}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
mt.__eq = function(x, y) return x == y end
function process_message()
    local x = a == b
    return 0
end
