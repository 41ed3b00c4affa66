-- what has a metatable is not asked while the state is kept
-- expect: lives
-- preserve: true
t = setmetatable({}, {__index = function() error('asked') end, __pairs = function() error('asked') end, __len = function() while true do end end})
function process_message()
    t.a = 1
    rawset(t, 'b', 2)
    return 0
end
