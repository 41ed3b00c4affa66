-- Tests of lpeg.logfmt.
require "string"
local grammar = require "lpeg.logfmt".grammar

local function check(text, expected)
    local actual = grammar:match(text)
    for key, value in pairs(expected) do
        if actual[key] ~= value then
            error(string.format("%s: %s is %s, not %s", text, key, tostring(actual[key]), tostring(value)), 2)
        end
    end
    for key in pairs(actual) do
        if expected[key] == nil then error(string.format("%s: unexpected %s", text, key), 2) end
    end
end

function test_pairs_of_each_kind()
    check('level=info n=42 msg="it works" done', {level = "info", n = "42", msg = "it works", done = true})
    check("empty= next=1", {empty = "", next = "1"})
    check('e="" f=x', {e = "", f = "x"})
    check("%odd/key:1=v!~", {["%odd/key:1"] = "v!~"})
end

function test_escapes_in_quotes()
    check([[q="a \"b\" \\ \/ \n\u00e9"]], {q = 'a "b" \\ / \n\195\169'})
end

function test_the_last_of_equal_keys_stays()
    check("a=1 a=2 b a=3", {a = "3", b = true})
end

function test_what_is_neither_key_nor_value_is_skipped()
    check("", {})
    check('=" = "" \0\1\t', {})
    check("  a=1\n\tb=2\r\n", {a = "1", b = "2"})
    check('=x', {x = true})
    check('a==b', {a = "", b = true})
end

function test_quotes_that_are_not_closed_leave_words()
    check('a="one two', {a = "", one = true, two = true})
    check([[a="bad \q escape" b=1]], {a = "", ["bad"] = true, ["\\q"] = true, escape = true, b = "1"})
end

function test_wrong_types()
    assert(not pcall(grammar.match, grammar, nil))
    assert(not pcall(grammar.match, grammar, {}))
    assert(grammar:match(5)["5"] == true)
end

function test_large_lines()
    local many = grammar:match(string.rep("key=value ", 20000))
    assert(many.key == "value")
    local long = grammar:match('k="' .. string.rep("x", 500000) .. '"')
    assert(#long.k == 500000)
    local open = grammar:match(string.rep('a="', 20001))
    assert(type(open) == "table")
end
