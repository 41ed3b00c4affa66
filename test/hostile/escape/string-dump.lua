-- there is no way to make bytecode
-- expect: lives
require 'string'
function process_message()
    assert(string.dump == nil)
    assert(loadstring('\27LJ\1') == nil)
    return 0
end
