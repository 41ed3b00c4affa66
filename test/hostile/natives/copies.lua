-- copying a megabyte again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('x', 1024 * 1024)
function process_message()
    while true do string.upper(long) string.lower(long) string.reverse(long) string.sub(long, 2) end
    return 0
end
