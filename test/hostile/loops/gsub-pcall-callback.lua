-- a gsub callback that loops under pcall is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    while true do
        pcall(string.gsub, ('x'):rep(1000), '.', function() while true do end end)
    end
    return 0
end
