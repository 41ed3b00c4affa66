-- a table that the old output writes as JSON is under the limit too
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
require 'string'
local t = {}
for i = 1, 2000 do t[i] = {a = string.rep('x', 50)} end
function process_message()
    output(t)
    return 0
end
