-- a ticker without a timer_event ends the sandbox
-- expect: timer HKT_SANDBOX_SCRIPT timer_event() function was not found
function process_message()

    return 0
end
