-- an error in timer_event ends the sandbox
-- expect: timer HKT_SANDBOX_SCRIPT timer_event() *on purpose
function process_message()

    return 0
end
function timer_event()
    error('on purpose')
end
