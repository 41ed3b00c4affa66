-- iterators inside of iterators are contained
-- expect: message HKT_SANDBOX_SCRIPT process_message() *stack overflow*
local function f()
    for _ in function() return f() end do end
end
function process_message()
    f()
    return 0
end
