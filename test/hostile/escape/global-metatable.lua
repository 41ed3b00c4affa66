-- a metatable on the globals changes nothing for the host
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
function process_message()
    setmetatable(_G, {__index = function() while true do end end, __newindex = function() while true do end end})
    local x = nothing
    return 0
end
