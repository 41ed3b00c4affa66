-- a script that empties its globals is ended at the next message
-- expect: message HKT_SANDBOX_SCRIPT process_message() function was not found
function process_message()
    local keys = {}
    for key in pairs(_G) do keys[#keys + 1] = key end
    local g = _G
    for i = 1, #keys do g[keys[i]] = nil end
    return 0
end
