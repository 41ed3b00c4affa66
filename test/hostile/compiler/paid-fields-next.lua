-- asking for the next field of many for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local t = assert(loadstring("local t = {} " .. ("t.x=1 "):rep(10) .. (function() local s = {} for i = 1, 3000 do s[i] = "t.f" .. i .. "=1" end return table.concat(s, " ") end)() .. " return t"))()
function process_message()
    local ts = {} while true do for k in pairs(t) do next(t, k) break end local k = next(t, "f2900") for i = 1, 10 do next({a = 1}) end end
end
