-- reading the message for ever is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    while true do read_message('Payload') read_message('Fields[number]') end
    return 0
end
