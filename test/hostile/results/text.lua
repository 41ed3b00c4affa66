-- a text that is no text ends the sandbox
-- expect: message HKT_SANDBOX_SCRIPT process_message() must return a nil or string error message
function process_message()
    return -1, {}
end
