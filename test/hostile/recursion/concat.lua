-- recursion through __concat is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
local t = setmetatable({}, {})
getmetatable(t).__concat = function(a, b) return a .. b end
function process_message()
    local x = t .. t
    return 0
end
