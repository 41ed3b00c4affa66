-- a status that pretends to be a number is none
-- expect: message HKT_SANDBOX_SCRIPT process_message() must return a numeric status code
function process_message()
    return setmetatable({}, {__tostring = function() return '0' end, __eq = function() return true end})
end
