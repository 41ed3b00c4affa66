-- a module name of a megabyte is an ordinary error
-- expect: lives
require 'string'
function process_message()
    assert(not pcall(require, string.rep('a', 1000000)))
    assert(not pcall(require, string.rep('a.', 10000)))
    assert(not pcall(require, {}))
    assert(not pcall(require))
    return 0
end
