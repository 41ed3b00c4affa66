-- a numeric for loop without an end is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    for i = 1, math and math.huge or 1e308 do end
    return 0
end
