-- errors caught are values of Lua, never objects of JavaScript
-- expect: lives
require 'string' require 'table'
local function plain(ok, value)
    local kind = type(value)
    assert(not ok and (kind == 'string'), kind)
    assert(value.stack == nil and value.message == nil and value.constructor == nil)
    assert(not value:find('TypeError') and not value:find('RangeError') and not value:find('undefined') and not value:find('$f', 1, true), value)
end
function process_message()
    local function over() return 1 + over() end
    plain(pcall(over))
    plain(xpcall(over, function(e) return e end))
    plain(pcall(function() return nil + 1 end))
    plain(pcall(function() return {} .. {} end))
    plain(pcall(function() return {} < {} end))
    plain(pcall(string.rep))
    plain(pcall(string.format, '%d', {}))
    plain(pcall(table.concat, {{}}))
    plain(pcall(setmetatable, 1, 1))
    plain(pcall(string.find, 'x', '('))
    plain(pcall(unpack, {}, 1, 1e8))
    plain(pcall(string.char, 256))
    plain(pcall(next, {}, 'x'))
    plain(pcall(read_message, {}))
    plain(pcall(inject_message, print))
    plain(pcall(nil))
    plain(pcall(loadstring('local a = ... a.b.c = 1')))
    plain(pcall(require, 'broken'))
    return 0
end
