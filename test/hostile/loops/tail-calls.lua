-- tail calls for ever need no stack and are ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local function f(n) return f(n + 1) end
function process_message()
    f(0)
    return 0
end
