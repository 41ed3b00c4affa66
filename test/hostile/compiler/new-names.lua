-- one source under ever new names is paid for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local n = 0
function process_message()
    while true do
        n = n + 1
        loadstring('', '=' .. n)
    end
end
