-- recursion through __call is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
local t = setmetatable({}, {})
getmetatable(t).__call = function(self) return 1 + self() end
function process_message()
    t()
    return 0
end
