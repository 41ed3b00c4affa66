-- the rank test of two long columns is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'circular_buffer'
local cb = circular_buffer.new(100000, 2, 1)
for i = 1, 50000 do cb:set(i * 1e9, 1, i % 7) end
function process_message()
    while true do pcall(cb.mannwhitneyu, cb, 1, 0, 40000 * 1e9, 40001 * 1e9, 80000 * 1e9) pcall(function() cb:compute('variance', 1) end) end
    return 0
end
