-- naming new tables for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'

function process_message()
    while true do tostring({}) tostring(function() end) end
end
