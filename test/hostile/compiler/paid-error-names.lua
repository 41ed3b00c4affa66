-- raising errors of every kind for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'

function process_message()
    local t = {} while true do pcall(function() return t.x.y end) pcall(string.rep) pcall(("x").rep, {}) pcall(ipairs) end
end
