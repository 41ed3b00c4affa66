-- a format with a huge width is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *invalid format*
require 'string'
function process_message()
    string.format('%99999d', 1)
    return 0
end
