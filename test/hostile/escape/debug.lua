-- debug cannot be required
-- expect: load HKT_SANDBOX_SCRIPT *
require 'debug'
function process_message()

    return 0
end
