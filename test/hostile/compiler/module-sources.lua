-- modules that loop, fail or are large are contained like the rest
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
local n = 0
function process_message()
    n = n + 1
    assert(not pcall(require, 'broken') and require('large').x == 10000)
    local deep = require 'deep'
    for i = 1, 180 do deep = deep[1] or deep end
    pcall(require, 'endless')
    inject_message({Type = 'ran-on'})
    return 0
end
