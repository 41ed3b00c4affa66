-- state with the names of JavaScript comes back as it was
-- expect: lives
-- preserve: true
require 'string'
first = first == nil
if not first then
    assert(rawget(_G, '__proto__').constructor == 'c' and rawget(_G, 'constructor') == 2 and toString == 3 and arr[1] == 'a' and hash.mt == true)
    assert(rawget(_G, 'a"b\0\1\2') == 5 and ({}).constructor == nil and ({}).__proto__ == nil and valueOf == nil)
end
__proto__, constructor, toString, arr, hash = {constructor = 'c', __proto__ = {}}, 2, 3, {'a', length = 7}, {mt = true, map = {}}
_G['a"b\0\1\2'] = 5
function process_message() return 0 end
