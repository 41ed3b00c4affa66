-- errors in a source of many names are paid for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'table'
local parts = {}
for i = 1, 2500 do parts[i] = 'x' .. i .. '=y' .. i .. '.z' end
local f = assert(loadstring('local function never() ' .. table.concat(parts, ' ') .. ' end local function g() return nothing.here end while true do pcall(g) end'))
parts = nil
function process_message() f() end
