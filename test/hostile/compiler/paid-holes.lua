-- lists with holes for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'

function process_message()
    while true do local t = {} for i = 1, 5000, 2 do t[i] = i end for i = 1, 5000 do t[i] = nil end local n = #t end
end
