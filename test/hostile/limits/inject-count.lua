-- one injection more than allowed ends the sandbox
-- expect: message HKT_SANDBOX_INJECT_COUNT process_message() *inject_payload() exceeded InjectMessage count
function process_message()
    for i = 1, 2 do inject_payload('txt', 'n', i) end
    return 0
end
