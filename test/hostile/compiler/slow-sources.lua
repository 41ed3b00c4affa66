-- sources that are hard to parse are paid for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
local shapes = {('(('):rep(90) .. '1' .. ('))'):rep(90), ('a.b(c)\n'):rep(2000), ('x=function()return function()return 1 end end '):rep(2000),
    ('x={{{{{{{{{{}}}}}}}}}} '):rep(2000), ('a[b][c]=d..e..f '):rep(2000), ('if a then b=1 elseif c then d=2 else e=3 end '):rep(1000),
    ('x=a and b or c and d or e '):rep(2000), '--[[' .. ('x'):rep(30000), '"' .. ('\\n'):rep(20000), ('x=1;'):rep(5000) .. '='}
local n = 0
function process_message()
    while true do
        n = n + 1
        loadstring(shapes[n % #shapes + 1] .. ' ')
    end
end
