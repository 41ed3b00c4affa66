-- __gc is a field like any other and never called
-- expect: lives
ran = false
function process_message()
    for i = 1, 1000 do setmetatable({}, {__gc = function() ran = true end}) end
    assert(not ran)
    return 0
end
