-- a message handler does not run on after the limit
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    xpcall(function() while true do end end, function() while true do end end)
    while true do end
    return 0
end
