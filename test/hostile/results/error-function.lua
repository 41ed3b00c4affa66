-- an error that is a function ends the sandbox
-- expect: message HKT_SANDBOX_SCRIPT process_message() <nil error message>
function process_message()
    error(print)
    return 0
end
