-- concatenating at indices where one more is no other number is charged for
-- expect: message HKT_SANDBOX_* process_message() *
require 'table'
function process_message()
    local t = {}
    t[2 ^ 53] = 'x'
    while true do pcall(table.concat, t, '', 2 ^ 53, 2 ^ 53 + 2) end
end
