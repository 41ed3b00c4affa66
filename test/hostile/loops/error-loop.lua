-- throwing and catching for ever is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    while true do pcall(error, {}) pcall(error) pcall(error, 'x', 2) end
    return 0
end
