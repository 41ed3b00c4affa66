-- formatting for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local s = ("x"):rep(1e5)
function process_message()
    while true do string.format("%s%q", s, s) string.format("%99.99f", 1e300) string.format("%99d", 1) end
end
