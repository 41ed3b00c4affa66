-- a table that grows while it is walked is contained
-- expect: message HKT_SANDBOX_* process_message() *
function process_message()
    local t = {a = 1}
    local n = 0
    while true do for k in pairs(t) do n = n + 1 t[k .. n] = n t[k] = nil end end
    return 0
end
