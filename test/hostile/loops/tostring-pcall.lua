-- a __tostring that catches its own end is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local t = setmetatable({}, {__tostring = function() while true do pcall(function() while true do end end) end end})
function process_message()
    while true do pcall(tostring, t) pcall(print, t) end
    return 0
end
