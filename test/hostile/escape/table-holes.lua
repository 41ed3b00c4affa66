-- table functions bear tables of holes and liars
-- expect: lives
require 'table'
function process_message()
    local t = setmetatable({}, {__len = function() return 1e9 end, __index = function() return 'x' end})
    pcall(table.concat, t)
    pcall(table.concat, {}, 'x', 1, 1e9)
    pcall(table.insert, t, 1e9, 1)
    pcall(table.remove, t, 1e9)
    pcall(table.remove, t, -1e9)
    pcall(table.maxn, {[1e300] = 1})
    pcall(unpack, t, 1, 1e6)
    return 0
end
