-- errors raised and caught far down the stack are paid for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local function r(n)
    if n == 0 then while true do pcall(error, 'x', 1400) pcall(getfenv, 1e9) pcall(nil) end end
    return 1 + r(n - 1)
end
function process_message() r(1500) end
