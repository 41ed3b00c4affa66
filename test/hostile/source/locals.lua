-- more than two hundred locals are an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring(string.rep('local a = 1\n', 201))
    assert(chunk == nil)
    assert(string.find(text, 'more than 200 local variables', 1, true), text)
    return 0
end
