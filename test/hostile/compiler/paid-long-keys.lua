-- looking up long keys of one length for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local base, t = ("x"):rep(16500), {} for i = 1, 100 do t[base .. (1000 + i)] = i end
function process_message()
    while true do local a = t[base .. 1050] end
end
