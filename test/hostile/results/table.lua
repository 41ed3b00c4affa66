-- a table in the place of the status ends the sandbox
-- expect: message HKT_SANDBOX_SCRIPT process_message() must return a numeric status code
function process_message()
    return {}
end
