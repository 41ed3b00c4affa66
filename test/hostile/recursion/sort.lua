-- recursion through a comparator is contained
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
require 'table'
local function f() table.sort({2, 1}, f) return true end
function process_message()
    f()
    return 0
end
