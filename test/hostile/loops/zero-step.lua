-- a numeric for loop with a step of zero is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    for i = 2, 1, 0 do end
    return 0
end
