-- changing metatables for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local t = {}
function process_message()
    while true do setmetatable(t, {__index = t}) getmetatable(t) rawset(t, {}, 1) t = {} end
end
