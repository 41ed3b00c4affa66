-- quoting a megabyte again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('\n"\\\0', 256 * 1024)
function process_message()
    while true do string.format('%q', long) end
    return 0
end
