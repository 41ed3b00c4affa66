-- looking a key up through a hundred tables for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local k = "z" .. tostring(1) local t = {[k .. "x"] = 1} for i = 1, 98 do t = setmetatable({[k .. i] = 1}, {__index = t}) end
function process_message()
    local q = k .. "no" while true do local a = t[q] end
end
