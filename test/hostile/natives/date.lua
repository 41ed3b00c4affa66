-- formatting dates again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'os'
require 'string'
local format = string.rep('%c', 50)
function process_message()
    while true do pcall(os.date, format, 0) end
    return 0
end
