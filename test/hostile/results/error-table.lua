-- an error that is a table ends the sandbox without a text
-- expect: message HKT_SANDBOX_SCRIPT process_message() <nil error message>
function process_message()
    error({})
    return 0
end
