-- a message of very many fields is refused
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
local fields = {}
for i = 1, 20000 do fields['field ' .. i] = i end
function process_message()
    inject_message({Fields = fields})
    return 0
end
