-- balanced matches of a deep nest at every place are ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    string.find(string.rep('(', 100000), '%b()')
    return 0
end
