-- a table constructor of a hundred thousand constants is compiled or refused
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
require 'table'
function process_message()
    local t = {}
    for i = 1, 100000 do t[i] = i .. '.5' end
    local source = 'return {' .. table.concat(t, ',') .. '}'
    local keep = {}
    while true do keep[#keep + 1] = assert(loadstring(source)) end
    return 0
end
