-- stacks written for handlers are paid for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local function h(e) return e end
local function r(n)
    if n == 0 then while true do xpcall(error, h) xpcall(nil, h) end end
    return 1 + r(n - 1)
end
function process_message() r(1500) end
