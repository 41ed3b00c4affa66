-- a tree of pcalls that doubles at each level is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local function f(n)
    if n == 0 then return end
    pcall(f, n - 1)
    pcall(f, n - 1)
end
function process_message()
    f(60)
    return 0
end
