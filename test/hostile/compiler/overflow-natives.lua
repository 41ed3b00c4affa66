-- the stack ends under every native and metamethod as an ordinary error
-- expect: lives
require 'string' require 'table'
local n = 0
function process_message()
    n = n + 1
    local function r() return 1 + r() end
    local with = function(event) return setmetatable({}, {[event] = r}) end
    local list = {5, 3, 4, 1, 2}
    local attacks = {
        function() table.sort(list, function(a, b) return r() < a end) end,
        function() return string.gsub('abc', '.', r) end,
        function() return tostring(with('__tostring')) end,
        function() return with('__index').x end,
        function() with('__newindex').x = 1 end,
        function() return with('__concat') .. 'x' end,
        function() return with('__call')() end,
        function() return -with('__unm') + with('__add') end,
        function() for x in r do end end,
        function() for x in string.gmatch('abc', '.') do r() end end,
        function() return with('__lt') < with('__lt') end,
        function() print(with('__tostring')) end,
        function() return table.concat({r()}) end,
        function() return select(2, pcall(r)) .. r() end,
        function() return xpcall(r, r) and r() or r() end,
        function() return r(unpack(list)) end,
        function() return loadstring('local r = ... return {r()}')(r) end,
        function() return setfenv(loadstring('return x'), with('__index'))() end,
    }
    for i = n, #attacks, 10 do
        local ok, text = pcall(attacks[i])
        assert(not ok and type(text) == 'string', i)
    end
    table.sort(list)
    return 0
end
