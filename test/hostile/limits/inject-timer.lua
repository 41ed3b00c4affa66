-- timer_event has a limit of injections of its own
-- expect: timer HKT_SANDBOX_INJECT_COUNT timer_event() *inject_payload() exceeded InjectMessage count
function process_message()

    return 0
end
function timer_event(ns)
    for i = 1, 11 do inject_payload('txt', 'n', i) end
end
