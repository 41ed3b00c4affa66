-- naming new tables for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_* process_message() *
require 'string' require 'table'

function process_message()
    while true do tostring({}) tostring(function() end) end
end
