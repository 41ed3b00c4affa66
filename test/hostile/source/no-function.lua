-- a script without process_message is ended at its first message
-- expect: message HKT_SANDBOX_SCRIPT process_message() function was not found
local a = 1
