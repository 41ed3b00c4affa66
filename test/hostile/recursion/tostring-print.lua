-- recursion of print through tostring is contained
-- expect: message HKT_SANDBOX_SCRIPT process_message() *
local t = setmetatable({}, {__tostring = function(self) print(self) return 'x' end})
function process_message()
    print(t)
    return 0
end
