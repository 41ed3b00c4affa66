-- a substitution that repeats its own captures is refused
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
function process_message()
    local s = string.rep('x', 1024 * 256)
    string.gsub(s, '.*', '%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0')
    return 0
end
