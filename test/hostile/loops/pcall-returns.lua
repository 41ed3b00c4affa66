-- what pcall returns after the limit reaches nobody
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
caught = false
function process_message()
    local ok = pcall(function() while true do end end)
    caught = true
    inject_payload("txt", "escaped", tostring(ok))
    return 0
end
