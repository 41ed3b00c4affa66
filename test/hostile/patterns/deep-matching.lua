-- a match that nests once per item ends by its instructions, or by an error where the stack is at its end
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
-- expect(interpreted): lives
require 'string'
function process_message()
    local ok, text = pcall(string.find, string.rep('a', 100000), string.rep('a?', 100000))
    assert(ok or type(text) == 'string')
    ok, text = pcall(string.find, string.rep('a', 200000), string.rep('()', 20) .. string.rep('a-', 50000) .. 'b')
    assert(not ok)
    return 0
end
