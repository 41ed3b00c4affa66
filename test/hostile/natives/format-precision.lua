-- cutting a megabyte in format again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('x', 1024 * 1024)
function process_message()
    while true do string.format('%s%.10s', long, long) end
    return 0
end
