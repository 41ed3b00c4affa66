-- a global tostring of the guest's own that never returns is ended inside print
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
tostring = function() while true do end end
function process_message()
    print('a')
    return 0
end
