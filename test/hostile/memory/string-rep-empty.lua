-- repeating nothing for ever costs nothing
-- expect: lives
require 'string'
function process_message()
    assert(string.rep('', 1e15) == '')
    assert(string.rep('x', -1e300) == '')
    assert(string.rep('x', 0 / 0) == '')
    return 0
end
