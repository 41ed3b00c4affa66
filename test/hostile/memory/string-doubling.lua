-- a string that doubles ends at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
function process_message()
    local s = 'x'
    while true do s = s .. s end
    return 0
end
