-- recursion through __tostring is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
local t = setmetatable({}, {__tostring = function(self) return tostring(self) end})
function process_message()
    tostring(t)
    return 0
end
