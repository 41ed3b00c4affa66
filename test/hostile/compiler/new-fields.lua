-- ever new names of fields end at a limit
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local n = 0
function process_message()
    while true do
        n = n + 1
        local f = loadstring('local t = ... t.a' .. n .. ' = 1 t.b' .. n .. ' = 2 return t.a' .. n)
        f({})
    end
end
