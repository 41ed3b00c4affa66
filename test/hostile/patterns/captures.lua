-- backtracking with captures is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    string.match(string.rep('a', 5000), '(.-)(.-)(.-)(.-)(.-)%1%2%3%4%5b')
    return 0
end
