-- a string that doubles under pcall ends the sandbox
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
function process_message()
    local s = 'x'
    while true do pcall(function() s = s .. s end) end
    return 0
end
