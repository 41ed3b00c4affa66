-- lists filled backwards for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'

function process_message()
    while true do local t = {} for i = 5000, 1, -1 do t[i] = i end end
end
