-- arguments that double at each call are an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *too many results to unpack
local function f(...) return f(..., ...) end
local function g(...)
    local n = select('#', ...)
    local t = {...}
    for i = 1, n do t[n + i] = i end
    return g(unpack(t))
end
function process_message()
    g(1)
    return 0
end
