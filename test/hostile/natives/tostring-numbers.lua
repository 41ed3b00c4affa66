-- writing numbers again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*

function process_message()
    while true do local s = tostring(1 / 3) .. tostring(1e300) .. tostring(-5e-324) end
    return 0
end
