-- an error that reads like a limit's is only text
-- expect: message HKT_SANDBOX_SCRIPT process_message() *process_message() instruction_limit exceeded
function process_message()
    error('process_message() instruction_limit exceeded', 0)
    return 0
end
