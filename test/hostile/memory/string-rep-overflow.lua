-- a repetition whose count overflows makes nothing
-- expect: lives
require 'string'
function process_message()
    assert(string.rep('ab', 2 ^ 63) == '')
    return 0
end
