-- bytes of another message cannot be read
-- expect: lives
require 'string'
local kept = {}
function process_message()
    local payload = read_message('Payload')
    assert(string.find(payload, '^payload %d+$'), payload)
    kept[#kept + 1] = payload
    for i = 1, #kept do assert(kept[i] == 'payload ' .. i - 1, kept[i]) end
    return 0
end
