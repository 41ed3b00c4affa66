-- a state cannot bring back functions of the host changed
-- expect: lives
-- preserve: true
require 'string'
function process_message()
    _G['__proto__'] = 'x'
    _G['constructor'] = {}
    _G['toString'] = 1
    hekateEntry = {}
    assert(type(inject_payload) == 'function')
    assert(type(string.find) == 'function')
    return 0
end
