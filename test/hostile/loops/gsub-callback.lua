-- a gsub callback that never returns is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    string.gsub('abc', '.', function() while true do end end)
    return 0
end
