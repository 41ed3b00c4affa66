-- walking over cleared tables for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local t = {} for i = 1, 20000 do t[i .. "x"] = i end for i = 1, 20000 do t[i .. "x"] = nil end
function process_message()
    while true do next(t) for _ in pairs(t) do end end
end
