-- an anchored gsub on an empty match ends by itself
-- expect: lives
require 'string'
function process_message()
    assert(string.gsub('abc', '^', 'x') == 'xabc')
    assert(string.gsub('abc', '', '-') == '-a-b-c-')
    assert(select(2, string.gsub('', '.*', 'x')) == 1)
    return 0
end
