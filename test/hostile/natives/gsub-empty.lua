-- replacing nothing at every place of a megabyte is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('x', 1024 * 1024)
function process_message()
    while true do string.gsub(long, '', '') end
    return 0
end
