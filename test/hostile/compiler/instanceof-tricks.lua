-- a table is a table whatever it is filled with
-- expect: lives
function process_message()
    local t = {arr = {}, hash = {}, mt = {}, map = {get = print}, values = {1}, keys = {'x'}, frame = {}, content = {}, status = 'suspended'}
    assert(type(t) == 'table' and #t == 0 and getmetatable(t) == nil and t.x == nil)
    t.hash = nil t.arr = nil
    t[1] = 1
    t.arr, t.hash = 5, 6
    assert(#t == 1 and t[1] == 1 and t.arr == 5 and t.hash == 6)
    local keys = {}
    for key in pairs(t) do keys[#keys + 1] = tostring(key) end
    assert(#keys == 10 - 1 + 0 or #keys == 10, #keys)
    return 0
end
