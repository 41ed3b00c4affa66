-- a field whose name has ten megabytes is refused
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
-- instructions: 10000000
require 'string'
function process_message()
    inject_message({Fields = {[string.rep('x', 7 * 1024 * 1024)] = 1}})
    return 0
end
