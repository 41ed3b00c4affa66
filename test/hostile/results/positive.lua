-- a status above zero ends the sandbox with its text
-- expect: message HKT_SANDBOX_STATUS on purpose
function process_message()
    return 1, 'on purpose'
end
