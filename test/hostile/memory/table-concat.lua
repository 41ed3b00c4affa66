-- table.concat of more than the limit is refused
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
require 'table'
function process_message()
    local s, t = string.rep('x', 1024 * 1024), {}
    for i = 1, 64 do t[i] = s end
    local all = table.concat(t, s)
    return 0
end
