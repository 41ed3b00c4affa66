-- the string metatable is the guest's own and reaches nothing of the host
-- expect: lives
require 'string'
function process_message()
    local mt = getmetatable('')
    assert(mt == nil or type(mt) == 'table')
    if mt then
        mt.__index = function(s, key) return 'taken over' end
        mt.__tostring = function() return 1 end
    end
    assert(read_message('Type') == 'attack')
    assert(read_config('key') == 'value')
    print('still here')
    inject_payload('txt', 'n', 'x')
    return 0
end
