-- a single huge index reserves nothing
-- expect: lives
function process_message()
    local t = {}
    t[2 ^ 31] = 1
    t[2 ^ 53] = 1
    t[1e300] = 1
    t[-1] = 1
    assert(#t == 0 or t[#t] ~= nil)
    return 0
end
