-- recursion through pcall is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
local function f() return pcall(f) and pcall(f) end
function process_message()
    while true do f() end
    return 0
end
