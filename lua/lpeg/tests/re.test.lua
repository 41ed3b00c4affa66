-- Tests of re.
require "string"
local lpeg = require "lpeg"
local re = require "re"

local function show(value)
    if type(value) ~= "table" then return tostring(value) end
    local text = "{"
    for i, item in ipairs(value) do text = text .. (i > 1 and "," or "") .. show(item) end
    return text .. "}"
end

-- Values as one text.
local function all(...)
    local text = ""
    for i = 1, select("#", ...) do text = text .. (i > 1 and " " or "") .. show((select(i, ...))) end
    return text
end

local function check(subject, pattern, expected, defs)
    local actual = all(re.compile(pattern, defs):match(subject))
    if actual ~= expected then
        error(string.format("%q on %q: expected %s, got %s", pattern, subject, expected, actual), 2)
    end
end

local function message_of(...)
    local ok, message = pcall(re.compile, ...)
    if ok then error("no error", 2) end
    return message
end

function test_it_is_also_a_global()
    assert(_G.re == re)
end

function test_literals_and_classes()
    check("abc", "'ab'", "3")
    check("abc", '"abc"', "4")
    check("abc", "''", "1")
    check("x", "'y'", "nil")
    check("b", "[a-c]", "2")
    check("d", "[^a-c]", "2")
    check("]-^", "[]a][-][%^]", "4")
    check("a1", "[_%a][%d]", "3")
    check("\n", ".", "2")
    check("", ".", "nil")
    check("-", "[+-]", "2")
end

function test_predefined_names()
    local cases = {
        {"%a", "x", "1"}, {"%c", "\1", "a"}, {"%d", "1", "a"}, {"%g", "!", " "}, {"%l", "a", "A"}, {"%p", ".", "a"},
            {"%s", " ", "a"},
        {"%u", "A", "a"}, {"%w", "1", "."}, {"%x", "f", "g"}, {"%alpha", "x", "1"}, {"%nl", "\n", "n"},
    }
    for _, case in ipairs(cases) do
        check(case[2], case[1], "2")
        check(case[3], case[1], "nil")
        if #case[1] == 2 then
            check(case[3], string.upper(case[1]), "2")
            check(case[2], string.upper(case[1]), "nil")
        end
    end
end

function test_sequences_choices_and_predicates()
    check("ab", "'a' 'b'", "3")
    check("b", "'a' / 'b'", "2")
    check("ab", "'a' &'b'", "2")
    check("ab", "'a' !'b'", "nil")
    check("b", "!'a' .", "2")
    check("ab", "('x' / 'a') ('b' / 'c')", "3")
    check("ab", "'a' -- a comment\n 'b' -- another", "3")
end

function test_repetition()
    check("aaa", "'a'*", "4")
    check("", "'a'*", "1")
    check("", "'a'+", "nil")
    check("aa", "'a'?", "2")
    check("aaa", "'a'^2", "3")
    check("aaaaa", "'a'^5", "6")
    check("aaaa", "'a'^5", "nil")
    check("aaa", "'a'^0", "1")
    check("aaa", "'a'^+2", "4")
    check("a", "'a'^+2", "nil")
    check("aaa", "'a'^-2", "3")
    check("abab", "('ab')^2 !.", "5")
end

function test_captures()
    check("abc", "{'a'} . {}", "a 3")
    check("abc", "{ {.} {.} }", "ab a b")
    check("abc", "{| {.} {|{.}|} |}", "{a,{b}}")
    check("abc", "{: {.} {.} :} -> 2", "b")
    check("aa", "{:x: . :} =x {}", "3")
    check("ab", "{:x: . :} =x", "nil")
    check("abc", "{~ ('b' -> 'x' / .)* ~}", "axc")
    check("ab", "{.} {.} -> '%1%1%0'", "a bbb")
    check("ab", "({.} {.}) -> '%2%1'", "ba")
    check("ab", "({.} {.}) -> {}", "{a,b}")
    check("ab", "({.} {.}) -> 0", "3")
    local named = re.compile("{| {:first: . :} {:rest: .* :} |}"):match("abc")
    assert(named.first == "a" and named.rest == "bc")
end

function test_definitions()
    local defs = {
        upper = string.upper, map = {a = "1"}, text = "<%0>", second = 2, letters = lpeg.R"az", word = "ab",
        next = function(_, position) return position + 1, "mid" end,
        add = function(a, b) return a .. "+" .. b end,
    }
    check("ab", "{..} -> upper", "AB", defs)
    check("a", ". -> map", "1", defs)
    check("b", ". -> map", "2", defs)
    check("a", ". -> text", "<a>", defs)
    check("ab", "({.} {.}) -> second", "b", defs)
    check("ab1", "%letters+", "3", defs)
    check("ab1", "[1%letters]+", "4", defs)
    check("abab", "%word^2", "5", defs)
    check("abc", "'a' => next {}", "mid 3", defs)
    check("abc", "({.} {.} {.}) ~> add", "a+b+c", defs)
end

function test_grammars()
    check("((a)(b))x", "all <- {inner} inner <- '(' (inner / [^()])* ')'", "((a)(b))")
    check("aabb", "S <- 'a' <S> 'b' / ''", "5")
    check("1+2", "sum <- {| {num} ('+' {num})* |}  num <- [0-9]+", "{1,2}")
    check("b", "(x <- 'a' / y  y <- 'b')", "2")
    check("abc", "a <- . b  b_1 <- 'c'  b <- . b_1", "4")
end

function test_faults_say_where_and_what()
    assert(message_of("'a' )x") == "pattern error near ')x'")
    assert(message_of("[a") == "pattern error near '[a'")
    assert(message_of("'a") == "pattern error near ''a'")
    assert(message_of("{:n: 'a'") == "pattern error near ':n: 'a''")
    assert(message_of("?") == "pattern error near '?'")
    assert(message_of("'a' {") == "pattern error near '{'")
    assert(message_of("= 01234567890123456789") == "pattern error near '= 0123456789012345678...'")
    assert(message_of("= 012345678901234567") == "pattern error near '= 012345678901234567'")
    local cases = {
        {"%nope", "name 'nope' undefined"}, {"[%nope]", "name 'nope' undefined"}, {"'a' -> nope",
            "undefined name: nope"},
        {"'a' => nope", "undefined name: nope"}, {"x", "rule 'x' used outside a grammar"}, {"(a <- 'x') a",
            "rule 'a' used outside a grammar"},
        {"a <- 'x' a <- 'y'", "'a' already defined as a rule"}, {"a <- b", "rule 'b' undefined in given grammar"},
        {"a <- a", "rule 'a' may be left recursive"}, {"('a'*)*", "loop body may accept empty string"},
    }
    for _, case in ipairs(cases) do
        local message = message_of(case[1])
        assert(string.find(message, case[2], 1, true), message)
    end
end

function test_match_find_and_gsub()
    assert(re.match("abc", "'b'") == nil)
    assert(re.match("abc", "'b'", 2) == 3)
    assert(re.match("abc", "{'c'}", -1) == "c")
    assert(all(re.find("hello world", "[aeiou]")) == "2 2")
    assert(all(re.find("hello world", "'o' ' '")) == "5 6")
    assert(all(re.find("hello world", "'o'", 6)) == "8 8")
    assert(all(re.find("hello", "''")) == "1 0")
    assert(all(re.find("hello", "{'l'+}")) == "3 4")
    assert(all(re.find("hello", "'x'")) == "nil")
    assert(all(re.gsub("hello world", "[aeiou]", ".")) == "h.ll. w.rld")
    assert(re.gsub("a1b2", "%d", {["1"] = "one"}) == "aoneb2")
    assert(re.gsub("ab", ".", string.upper) == "AB")
    assert(re.gsub("ab", ".", "%0%0") == "aabb")
    assert(re.gsub("", "'x'", "y") == "")
end

function test_patterns_stand_for_their_text()
    local digits = lpeg.R"09"^1
    assert(re.compile(digits) == digits)
    assert(re.match("12a", digits) == 3)
    assert(all(re.find("a12", digits)) == "2 3")
    assert(re.gsub("a12b", digits, "#") == "a#b")
end

function test_each_replacement_is_its_own()
    for _ = 1, 2 do
        assert(re.gsub("aXa", "'X'", "1") == "a1a")
        assert(re.gsub("aXa", "'X'", "2") == "a2a")
        assert(re.gsub("aXa", "'X'", string.lower) == "axa")
    end
end

function test_more_texts_than_are_kept()
    for i = 1, 1000 do
        assert(re.match("n" .. i .. ";", "'n" .. i .. ";'") == #tostring(i) + 3)
        assert(re.find("n" .. i .. ";", "'" .. i .. ";'") == 2)
    end
end

function test_the_locale_can_be_read_again()
    re.updatelocale()
    check("a", "%a", "2")
    assert(re.match("1", "%d") == 2)
end

function test_hostile_patterns()
    for _, value in ipairs{false, true, {}} do
        assert(not pcall(re.compile, value))
        assert(not pcall(re.match, "x", value))
    end
    assert(not pcall(re.compile, nil))
    assert(not pcall(re.match, nil, "'a'"))
    assert(not pcall(re.compile, string.rep("(", 10000)))
    assert(not pcall(re.compile, string.rep("{", 10000) .. string.rep("}", 10000)))
    assert(not pcall(re.compile, string.rep("!", 10000) .. "'a'"))
    check(string.rep("ab", 500), string.rep("'ab'", 500), "1001")
    check("b", string.rep("'a' / ", 200) .. "'b'", "2")
    assert(#message_of("?" .. string.rep("x", 100000)) < 100)
    check(string.rep("a", 100000), "{'a'*} !.", string.rep("a", 100000))
    assert(not pcall(re.match, string.rep("(", 10000), "p <- '(' p ')' / ''"))
end
