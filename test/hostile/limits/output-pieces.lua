-- output over the limit in small pieces ends the sandbox
-- expect: message HKT_SANDBOX_OUTPUT process_message() *output_limit exceeded
function process_message()
    for i = 1, 1e5 do add_to_payload('a piece of text') end
    return 0
end
