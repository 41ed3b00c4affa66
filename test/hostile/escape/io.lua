-- io cannot be required
-- expect: load HKT_SANDBOX_SCRIPT *module 'io' disabled
require 'io'
function process_message()

    return 0
end
