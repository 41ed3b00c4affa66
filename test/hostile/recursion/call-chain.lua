-- a chain of __call tables is contained
-- expect: message HKT_SANDBOX_SCRIPT process_message() *
local t = {}
for i = 1, 10000 do t = setmetatable({}, {__call = t}) end
function process_message()
    t()
    return 0
end
