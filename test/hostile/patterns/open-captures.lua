-- captures that are never closed are an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *too many captures
require 'string'
function process_message()
    string.find(string.rep('(', 1000), string.rep('(', 1000))
    return 0
end
