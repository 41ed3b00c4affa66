-- an error's own __tostring is not asked
-- expect: message HKT_SANDBOX_SCRIPT process_message() <nil error message>
function process_message()
    error(setmetatable({}, {__tostring = function() while true do end end}))
    return 0
end
