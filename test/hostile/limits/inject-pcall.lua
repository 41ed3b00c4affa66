-- injections over the limit that are caught inject nothing
-- expect: message HKT_SANDBOX_* process_message() *limit*
function process_message()
    while true do pcall(inject_payload, 'txt', 'n', 'again') end
    return 0
end
