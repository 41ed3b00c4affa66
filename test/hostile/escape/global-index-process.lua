-- process_message is not looked up through a metatable
-- expect: message HKT_SANDBOX_SCRIPT process_message() function was not found
setmetatable(_G, {__index = function() return function() return 0 end end})
