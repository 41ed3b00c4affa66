-- endless recursion is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
local function f() return 1 + f() end
function process_message()
    f()
    return 0
end
