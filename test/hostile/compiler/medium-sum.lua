-- sums of every length up to thousands are compiled or refused by loadstring itself
-- expect: lives
-- instructions: 100000000
require 'string'
local n = 0
function process_message()
    n = n + 1
    for _, part in ipairs{'+a', ' and a', '.b', '()', ' == a', '..a', '^a', ' or a'} do
        local f, text = loadstring('local a = ... return a' .. part:rep(2 ^ (n + 3)), '=chunk')
        assert(f or type(text) == 'string')
        if f then pcall(f, 1) end
    end
    return 0
end
