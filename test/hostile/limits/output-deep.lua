-- a table nested twenty thousand deep is contained in the old output
-- expect: message HKT_SANDBOX_SCRIPT process_message() *nested too deeply
local t = {}
for i = 1, 20000 do t = {t} end
function process_message()
    output(t)
    return 0
end
