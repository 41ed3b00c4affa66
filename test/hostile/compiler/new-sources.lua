-- ever new sources are compiled at the price of instructions, and leave nothing behind
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local n = 0
function process_message()
    while true do
        n = n + 1
        loadstring('return ' .. n)
    end
end
