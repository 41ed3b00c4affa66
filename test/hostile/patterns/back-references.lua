-- backtracking over a back reference is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    string.find(string.rep('ab', 20000), '(.*)(.*)%1%2%1c')
    return 0
end
