-- tables of tens of thousands of items in one constructor are made
-- expect: lives
require 'string'
local n = 0
function process_message()
    n = n + 1
    if n == 1 then assert(#assert(loadstring('return {' .. ('1,'):rep(30000) .. '}'))() == 30000)
    elseif n == 2 then assert(assert(loadstring('return {' .. ('x=1,'):rep(15000) .. 'y=2}'))().y == 2)
    elseif n == 3 then assert(#assert(loadstring('return {' .. ('{},'):rep(10000) .. '}'))() == 10000)
    elseif n == 4 then assert(assert(loadstring('return {' .. ('[1.5]=1,'):rep(10000) .. '}'))()[1.5] == 1)
    elseif n == 5 then assert(#assert(loadstring('return {' .. ('nil,'):rep(10000) .. '7}'))() >= 0) end
    return 0
end
