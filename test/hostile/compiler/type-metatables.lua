-- metatables of functions, numbers and nil cannot be reached
-- expect: lives
function process_message()
    for _, value in ipairs{print, process_message, 1, true, 'x'} do
        assert(not pcall(setmetatable, value, {}))
    end
    assert(getmetatable(print) == nil and getmetatable(1) == nil and getmetatable(true) == nil and getmetatable(nil) == nil)
    assert(debug == nil and newproxy == nil and not pcall(require, 'debug') or debug == nil)
    return 0
end
