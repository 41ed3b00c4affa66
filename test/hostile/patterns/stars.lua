-- backtracking of many greedy repetitions is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    string.find(string.rep('a', 3000), '.*.*.*.*.*.*.*.*b')
    return 0
end
