-- looking for the largest key for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local t = {} for i = 1, 20000 do t[i + 0.5] = 1 end
function process_message()
    while true do table.maxn(t) end
end
