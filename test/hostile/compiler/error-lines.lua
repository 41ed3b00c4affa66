-- errors at the end of a long source are found without reading all of it each time
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
local f = assert(loadstring(('\nx=1'):rep(15000) .. '\nlocal function g() return nothing.here end while true do pcall(g) end'))
function process_message() f() end
