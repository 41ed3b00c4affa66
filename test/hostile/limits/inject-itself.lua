-- a message that the filter itself would get is refused
-- expect: message HKT_SANDBOX_SCRIPT process_message() *creates a circular reference*
require 'string'
function process_message()
    inject_message(read_message('raw'))
    return 0
end
