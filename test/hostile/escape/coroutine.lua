-- coroutine cannot be required
-- expect: load HKT_SANDBOX_SCRIPT *module 'coroutine' disabled
require 'coroutine'
function process_message()

    return 0
end
