-- a for loop whose iterator never ends is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    for _ in function() return 1 end do end
    return 0
end
