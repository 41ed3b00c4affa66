-- an error of a megabyte is cut to 255 bytes
-- expect: message HKT_SANDBOX_SCRIPT process_message() *xxx
require 'string'
function process_message()
    error(string.rep('x', 1024 * 1024))
    return 0
end
