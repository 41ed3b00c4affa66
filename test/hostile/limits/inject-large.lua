-- a message larger than the output limit is refused
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
require 'string'
function process_message()
    inject_message({Payload = string.rep('x', 1024 * 1024)})
    return 0
end
