-- pcall inside pcall inside pcall does not outlive the limit
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local function again()
    pcall(again)
    pcall(again)
    while true do end
end
function process_message()
    pcall(pcall, pcall, again)
    again()
    return 0
end
