-- any value may be thrown, and comes back as it is
-- expect: lives
function process_message()
    local t = setmetatable({constructor = 1, stack = 2, message = 'call stack'}, {__tostring = function() return 'RangeError: call stack' end})
    for _, value in ipairs{t, print, 1.5, true, 'Maximum call stack size exceeded', 'RangeError', {value = 1, traceback = 2}, false} do
        local ok, caught = pcall(error, value)
        assert(not ok and (caught == value or type(value) == 'number' and tonumber(caught) == value), tostring(caught))
        ok, caught = xpcall(function() error(value, 0) end, function(e) return e end)
        assert(not ok and (caught == value or type(value) == 'number' and tonumber(caught) == value), tostring(caught))
    end
    local ok, caught = pcall(error)
    assert(not ok and caught == nil)
    return 0
end
