-- recursion through a gsub callback is contained
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
require 'string'
local function f(s) return string.gsub(s, '.', f) end
function process_message()
    f('x')
    return 0
end
