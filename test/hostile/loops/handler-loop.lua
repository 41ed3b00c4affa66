-- a message handler that loops is ended as any other code
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    xpcall(function() error('on purpose') end, function() while true do end end)
    return 0
end
