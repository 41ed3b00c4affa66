-- a list used as a queue for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local t = {}
function process_message()
    local head, tail = 1, 0 while true do for i = 1, 100 do tail = tail + 1 t[tail] = i end for i = 1, 100 do t[head] = nil head = head + 1 end local n = #t end
end
