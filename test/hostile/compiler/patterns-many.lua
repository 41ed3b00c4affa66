-- ever new patterns leave nothing behind
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
local n = 0
function process_message()
    while true do
        n = n + 1
        local pattern = '(x' .. n .. ')[^' .. n .. '"`]*y?'
        for i = 1, 6 do string.find('some text x1', pattern) end
    end
end
