-- numbers that are special to arrays of JavaScript are plain keys
-- expect: lives
function process_message()
    local keys = {'length', -1, 1.5, 2 ^ 53, 2 ^ 53 + 2, 4294967295, 4294967294, 2147483647, 2147483648, -2147483648, '0', '01', '1',
        '-1', '1.5', 'NaN', 1e300, -1e300, 1 / 0, -1 / 0, 0, 2 ^ 31 - 2, 2 ^ 32, 1e-300, '4294967295'}
    for _, t in ipairs{{}, {1, 2, 3}, {x = 1}, {1, 2, nil, 4}} do
        for i, key in ipairs(keys) do
            assert(t[key] == nil, tostring(key))
            local before = #t
            t[key] = i
            assert(t[key] == i and #t == before, tostring(key))
        end
        for i, key in ipairs(keys) do assert(t[key] == i, tostring(key)) end
        for i, key in ipairs(keys) do t[key] = nil end
        for i, key in ipairs(keys) do assert(t[key] == nil, tostring(key)) end
    end
    local t = {}
    assert(not pcall(function() t[0 / 0] = 1 end) and t[0 / 0] == nil and not pcall(function() t[nil] = 1 end))
    t[-0] = 'zero'
    assert(t[0] == 'zero' and next(t) == 0)
    t[1], t['1'] = 'number', 'text'
    assert(t[1] == 'number' and t['1'] == 'text' and #t == 1)
    return 0
end
