-- Tests of lpeg.cbufd.
require "string"
require "math"
local grammar = require "lpeg.cbufd".grammar

local HEADER = '{"time":60,"rows":3,"columns":2,"seconds_per_row":60,"column_info":[]}'

function test_rows_are_arrays_with_their_time()
    local t = grammar:match(HEADER .. "\n1500000000\t5\t0.25\n1500000060\t-7\t-1.5\n")
    assert(t.header == HEADER)
    assert(#t == 2)
    assert(t[1].time == 1500000000e9 and t[2].time == 1500000060e9)
    assert(#t[1] == 2 and t[1][1] == 5 and t[1][2] == 0.25)
    assert(t[2][1] == -7 and t[2][2] == -1.5)
end

function test_nan_is_not_a_number()
    local t = grammar:match("h\n0\tnan\t1\n")
    assert(t[1].time == 0)
    assert(t[1][1] ~= t[1][1])
    assert(t[1][2] == 1)
end

function test_any_line_is_a_header()
    assert(grammar:match("h\n1\t2\n").header == "h")
    assert(grammar:match("\n1\t2\n") == nil)
end

function test_other_texts_do_not_match()
    local texts = {
        "", "h", "h\n", "h\n1\n", "h\n1\t\n", "h\n1\t2", "h\n1\t2\n\n", "h\n1 2\n", "h\nx\t2\n", "h\n1\tinf\n",
            "h\n1\t-nan\n",
        "h\n1\t1e5\n", "h\n1\t.5\n", "h\n1\t5.\n", "h\n-1\t5\n", "h\n1.5\t5\n", "h\n1\t2\nx", "h\n1\t2\r\n",
            "h\n1\t2\t\n",
    }
    for _, text in ipairs(texts) do assert(grammar:match(text) == nil, text) end
end

function test_wrong_types()
    assert(not pcall(grammar.match, grammar, nil))
    assert(not pcall(grammar.match, grammar, {}))
    assert(grammar:match(5) == nil)
end

function test_large_texts()
    local rows = string.rep("1500000000\t1\t2.5\tnan\n", 10000)
    local t = grammar:match(HEADER .. "\n" .. rows)
    assert(#t == 10000 and #t[10000] == 3)
    assert(grammar:match(HEADER .. "\n" .. rows .. "x") == nil)
    assert(#grammar:match("h\n1" .. string.rep("\t1", 5000) .. "\n")[1] == 5000)
    assert(grammar:match(string.rep("x", 300000)) == nil)
    assert(grammar:match("h\n" .. string.rep("9", 400) .. "\t1\n")[1].time == math.huge)
end
