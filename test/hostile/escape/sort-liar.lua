-- a comparator that lies is contained
-- expect: lives
require 'table'
function process_message()
    local t = {}
    for i = 1, 500 do t[i] = i % 7 end
    pcall(table.sort, t, function() return true end)
    pcall(table.sort, t, function(a, b) t[#t] = nil return a ~= b end)
    pcall(table.sort, t, function(a, b) t[#t + 1] = a return false end)
    pcall(table.sort, {3, 'x', {}, 1})
    return 0
end
