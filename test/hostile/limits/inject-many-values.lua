-- a field of very many values is refused
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
local values = {}
for i = 1, 50000 do values[i] = i + 0.5 end
function process_message()
    inject_message({Fields = {values = values}})
    return 0
end
