-- a hundred loops, functions and conditions in each other are compiled or refused
-- expect: lives
require 'string'
local n = 0
function process_message()
    n = n + 1
    if n > 1 then return 0 end
    for _, part in ipairs{{'while true do ', 'break end '}, {'for i = 1, 1 do ', 'end '}, {'do local a = 1 ', 'end '}, {'if true then ', 'end '},
        {'(function() ', 'end)() '}, {'local t = {', '} '}, {'for _ in next, {1} do ', 'end '}, {'repeat ', 'until true '}, {'x = (', 'nil) '}} do
        for _, depth in ipairs{10, 60, 120, 195, 250} do
            local f, text = loadstring(part[1]:rep(depth) .. part[2]:rep(depth), '=chunk')
            assert(f or type(text) == 'string')
            if f then pcall(f) end
        end
    end
    return 0
end
