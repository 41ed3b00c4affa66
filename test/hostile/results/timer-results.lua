-- what timer_event returns is of no interest
-- expect: lives
function process_message()

    return 0
end
function timer_event()
    return {}, 'x', nil
end
