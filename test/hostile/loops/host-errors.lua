-- raising errors in host functions for ever is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
function process_message()
    while true do pcall(read_message) pcall(inject_message, 1, 2, 3) pcall(add_to_payload) end
    return 0
end
