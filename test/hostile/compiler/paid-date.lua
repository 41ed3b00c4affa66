-- writing dates for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
require "os"
function process_message()
    while true do os.date(("%c"):rep(1000)) os.time({year = 1e9, month = 1e9, day = 1}) end
end
