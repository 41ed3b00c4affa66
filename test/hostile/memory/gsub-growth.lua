-- a substitution that grows a text without bound is refused
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
function process_message()
    local s = string.rep('x', 4096)
    string.gsub(s, '.', s)
    return 0
end
