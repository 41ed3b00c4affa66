-- a table that holds itself is contained in the old output
-- expect: message HKT_SANDBOX_SCRIPT process_message() *circular reference
local t = {}
t.t = t
function process_message()
    output(t)
    return 0
end
