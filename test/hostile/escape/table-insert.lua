-- an insertion far below the first place is charged for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'table'
function process_message()
    pcall(table.insert, {1, 2, 3}, -1e9, 1)
    return 0
end
