-- millions of tail calls take no stack
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local f, g, h
function f(n) return g(n + 1) end
function g(n, ...) return h(n + 1, 1, 2, 3) end
function h(n, a, b, c) if n < 0 then return a end return f(n) end
function process_message()
    f(0)
    return 0
end
