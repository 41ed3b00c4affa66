-- strings of all bytes come back
-- expect: lives
-- preserve: true
require 'string'
require 'table'
local all = {}
for i = 0, 255 do all[i + 1] = string.char(i) end
local expected = table.concat(all)
assert(kept == nil or kept == expected)
function process_message()
    kept = expected
    t = {[expected] = expected}
    return 0
end
