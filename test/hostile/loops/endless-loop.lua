-- an endless loop ends at the instruction limit
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    while true do end
    return 0
end
