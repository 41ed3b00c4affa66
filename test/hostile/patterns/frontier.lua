-- a frontier at every place of a long text is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    while true do string.gsub(string.rep('a b ', 10000), '%f[%w]%w*.-%f[%W].-c', '') end
    return 0
end
