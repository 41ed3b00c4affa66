-- garbage is no leak: what is dropped is not counted
-- expect: lives
require 'string'
function process_message()
    for i = 1, 8 do local s = string.rep('x', 1024 * 1024) .. i end
    local t
    for i = 1, 10000 do t = {i, tostring(i)} end
    return 0
end
