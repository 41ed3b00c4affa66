-- a table that holds itself is contained in the old output
-- expect: message HKT_SANDBOX_* process_message() *
local t = {}
t.t = t
function process_message()
    output(t)
    return 0
end
