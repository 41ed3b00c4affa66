-- overflowing the stack again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
local function f() return 1 + f() end
function process_message()
    while true do pcall(f) end
    return 0
end
