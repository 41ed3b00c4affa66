-- nothing of the guest runs after its end: the next message finds no one
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
calls = 0
function process_message()
    calls = calls + 1
    if calls > 1 then inject_payload('txt', 'escaped', calls) end
    while true do end
    return 0
end
