-- a comparator that never returns is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'table'
function process_message()
    table.sort({3, 1, 2}, function() while true do end end)
    return 0
end
