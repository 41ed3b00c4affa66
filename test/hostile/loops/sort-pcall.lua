-- a comparator that catches its own end is ended all the same
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'table'
function process_message()
    while true do
        pcall(table.sort, {3, 1, 2, 5, 4}, function() pcall(function() while true do end end) return true end)
    end
    return 0
end
