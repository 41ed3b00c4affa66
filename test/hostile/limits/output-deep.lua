-- a table nested a hundred thousand deep is contained in the old output
-- expect: message HKT_SANDBOX_* process_message() *
local t = {}
for i = 1, 100000 do t = {t} end
function process_message()
    output(t)
    return 0
end
