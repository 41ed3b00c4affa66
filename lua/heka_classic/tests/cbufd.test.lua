-- Tests of cbufd, the name that Heka 0.11 has for lpeg.cbufd.
local cbufd = require "cbufd"

function test_rows_are_read()
    local t = cbufd.grammar:match("header\n60\t1\tnan\n120\t-2\t3.5\n")
    assert(t.header == "header" and #t == 2)
    assert(t[1].time == 60e9 and t[1][1] == 1 and t[1][2] ~= t[1][2])
    assert(t[2].time == 120e9 and t[2][1] == -2 and t[2][2] == 3.5)
    assert(cbufd.grammar:match("header\n") == nil)
end
