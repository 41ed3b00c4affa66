-- a process_message that replaces itself by a number is ended
-- expect: message HKT_SANDBOX_SCRIPT process_message() function was not found
function process_message()
    process_message = 42
    return 0
end
