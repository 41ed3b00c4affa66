-- injections over the limit that are caught inject nothing
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    while true do pcall(inject_payload, 'txt', 'n', 'again') end
    return 0
end
