-- a __tostring that never returns is ended inside print
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local t = setmetatable({}, {__tostring = function() while true do end end})
function process_message()
    print('a', t)
    return 0
end
