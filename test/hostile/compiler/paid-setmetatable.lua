-- changing metatables for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_* process_message() *
require 'string' require 'table'
local t = {}
function process_message()
    while true do setmetatable(t, {__index = t}) getmetatable(t) rawset(t, {}, 1) t = {} end
end
