-- appending to a string without end is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    local s = ''
    while true do s = s .. 'some more text for it' end
    return 0
end
