-- searching a megabyte from every place is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('x', 1024 * 1024)
function process_message()
    for at = 1, 1e6 do string.find(long, 'y', at) end
    return 0
end
