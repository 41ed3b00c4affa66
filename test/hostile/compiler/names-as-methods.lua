-- methods may have the names of JavaScript's
-- expect: lives
require 'string'
function process_message()
    local t = {}
    function t:constructor(a) return self == t and a end
    function t:__proto__(a) return self == t and a end
    function t:toString() return 'no' end
    function t.hasOwnProperty() return false end
    function t:arr() return 3 end
    assert(t:constructor(1) == 1 and t:__proto__(2) == 2 and t:toString() == 'no' and t:arr() == 3)
    for _, name in ipairs{'charCodeAt', 'constructor', 'toString', 'valueOf', 'length', 'at', 'concat', '__proto__', 'replace'} do
        local ok, text = pcall(loadstring('return ("x"):' .. name .. '()'))
        assert(not ok and text:find('attempt to call method') or not ok and text:find('attempt to index'), text)
        assert(not pcall(loadstring('local f = function() end return f:' .. name .. '()')))
        assert(not pcall(loadstring('local n = 1 return n:' .. name .. '()')))
        assert(not pcall(loadstring('return ({}):' .. name .. '()')))
        assert(not pcall(loadstring('return (true):' .. name .. '()')))
    end
    return 0
end
