-- a source of a megabyte is compiled, refused or too much, and nothing worse
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    while true do
        local f = loadstring(('local a = {x = 1, "text"} a.y = a.x + 1 if a.y then a[1] = nil end '):rep(15000))
        if f then f() end
    end
end
