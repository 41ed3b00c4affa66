-- converting a megabyte of spaces that ends in no number is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local before, after = string.rep(' ', 1024 * 1024) .. 'x', '1' .. string.rep(' ', 1024 * 1024) .. 'x'
function process_message()
    while true do tonumber(before) tonumber(after) tonumber(after, 16) end
    return 0
end
