-- a payload that grows without end stops at the output limit
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
function process_message()
    while true do add_to_payload('some text that goes on and on') end
    return 0
end
