-- walking a table from the beginning for ever is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    local t = {1, 2, 3}
    while true do for _ in pairs(t) do end for _ in ipairs(t) do end end
    return 0
end
