-- recursion through __index functions is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
local t = setmetatable({}, {})
getmetatable(t).__index = function(self, key) return self[key .. 'x'] end
function process_message()
    local x = t.a
    return 0
end
