-- output over the limit ends the sandbox
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
require 'string'
function process_message()
    add_to_payload(string.rep('x', 64 * 1024))
    return 0
end
