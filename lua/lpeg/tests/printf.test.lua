-- Tests of lpeg.printf. Modules with messages are made up: require is ours while lpeg.printf is loaded.
require "string"
local lpeg = require "lpeg"

local modules = {}
local real_require = require
function require(name)
    return modules[name] or real_require(name)
end
local printf = require "lpeg.printf"
require = real_require

local function check(spec, text, expected)
    local fields = printf.build_grammar(spec):match(text)
    if not fields then error(string.format("no match: %q of %q", spec[1], text), 2) end
    for name, value in pairs(expected) do
        if fields[name] ~= value then
            error(string.format("%q of %q: %s is %s, not %s", spec[1], text, name, tostring(fields[name]),
                tostring(value)), 2)
        end
    end
    for name in pairs(fields) do
        if expected[name] == nil then error(string.format("%q of %q: unexpected %s", spec[1], text, name), 2) end
    end
end

local function no_match(spec, text)
    if printf.build_grammar(spec):match(text) then error(string.format("%q matched %q", spec[1], text), 2) end
end

function test_numbers()
    check({"%d", "n"}, "17", {n = 17})
    check({"%i", "n"}, "-17", {n = -17})
    check({"%u", "n"}, "4294967295", {n = 4294967295})
    check({"%o", "n"}, "777", {n = 511})
    check({"%x %X", "a", "b"}, "ff FF", {a = 255, b = 255})
    check({"%#x", "n"}, "0x1f", {n = 31})
    check({"%f %e %g", "a", "b", "c"}, "1.500000 -2.5e+03 7", {a = 1.5, b = -2500, c = 7})
    check({"%F %E %G", "a", "b", "c"}, "1. 1E2 1.0e-2", {a = 1, b = 100, c = 0.01})
    check({"%a", "n"}, "0x1.8p+3", {n = 12})
    check({"%A", "n"}, "-0X1.8P-1", {n = -0.75})
    for _, length in ipairs{"hh", "h", "l", "ll", "j", "z", "t", "L"} do check({"%" .. length .. "d", "n"}, "5",
        {n = 5}) end
end

function test_numbers_that_are_not_there_give_no_field()
    check({"[%d]", "n"}, "[]", {})
    check({"[%x]", "n"}, "[0x]", {})
    no_match({"%f", "n"}, "")
    no_match({"%d", "n"}, "x")
    no_match({"%u", "n"}, "-1")
end

function test_flags_and_widths_say_where_padding_is()
    check({"%5d|", "n"}, "   17|", {n = 17})
    check({"%05d|", "n"}, "00017|", {n = 17})
    check({"%+d", "n"}, "+17", {n = 17})
    check({"% d", "n"}, " 17", {n = 17})
    no_match({"% d", "n"}, "17")
    check({"% 5d", "n"}, "   17", {n = 17})
    check({"%-5d|", "n"}, "17   |", {n = 17})
    no_match({"%-5d|", "n"}, "17 |")
    check({"%*d|", "#", "n"}, "  17|", {n = 17})
    check({"%-*d|", "#", "n"}, "17  |", {n = 17})
    check({"%-3d%d", "a", "b"}, "17 5", {a = 17, b = 5})
end

function test_padding_at_the_end_of_a_line_may_be_cut_off()
    check({"%-10d", "n"}, "17", {n = 17})
    check({"%-10s%-10s", "a", "b"}, "x         y", {a = "x", b = "y"})
    no_match({"%-10d|", "n"}, "17")
end

function test_single_bytes_and_addresses()
    check({"%c%c", "a", "b"}, "x ", {a = "x", b = " "})
    check({"%2c", "c"}, " x", {c = "x"})
    check({"%p", "p"}, "0x7ffe12", {p = "0x7ffe12"})
    no_match({"%p", "p"}, "7ffe12")
    check({"a%nb", "n"}, "ab", {n = ""})
    check({"100%%", "unused"}, "100%", {})
end

function test_text_goes_on_to_the_literal_that_follows()
    check({"user '%s' from %s", "user", "host"}, "user 'a 'b' from here", {user = "a 'b", host = "here"})
    check({"%s: %s", "a", "b"}, "x:y: z: w", {a = "x:y", b = "z: w"})
    check({"%s<", "s"}, "<", {s = ""})
    check({"%s done.", "s"}, "all done. \n", {s = "all"})
end

function test_text_at_the_end_is_trimmed()
    check({"%s", "s"}, "  a b  ", {s = "a b"})
    check({"%20s", "s"}, "     a b", {s = "a b"})
    check({"%-20s", "s"}, "a b     ", {s = "a b"})
    check({"%s", "s"}, "", {s = ""})
end

function test_text_before_another_conversion_has_no_blanks()
    check({"%s%d", "s", "n"}, "abc", {s = "abc"})
    check({"%5s%5s", "a", "b"}, "    x    y", {a = "x", b = "y"})
    check({"%-5s%-5s", "a", "b"}, "x    y    ", {a = "x", b = "y"})
    check({"%*s%s", "#", "a", "b"}, "  x y", {a = "x", b = "y"})
end

function test_text_with_a_precision_has_at_most_so_many_bytes()
    check({"%.3s%s", "a", "b"}, "abcdef", {a = "abc", b = "def"})
    check({"%.3s", "s"}, "ab", {s = "ab"})
    no_match({"%.3s", "s"}, "abcd")
    check({"%6.3s|", "s"}, "   abc|", {s = "abc"})
    check({"%.40s%s", "a", "b"}, string.rep("x", 41), {a = string.rep("x", 40), b = "x"})
    check({"%.40s%s", "a", "b"}, "short rest", {a = "short", b = "rest"})
    check({"%60.40s|", "s"}, string.rep(" ", 55) .. "a b c|", {s = "a b c"})
    check({"%.0s|%.s|", "a", "b"}, "||", {a = "", b = ""})
    check({"%.*s|", "length", "s"}, "any text|", {s = "any text"})
end

function test_names_may_be_patterns_or_expressions()
    check({"%s:%s", lpeg.Cg(lpeg.R"09"^1 / tonumber, "n"), "s"}, "12:x", {n = 12, s = "x"})
    check({"%s %s", "@{:verb: 'GET' / 'PUT' :}", "path"}, "PUT /x", {verb = "PUT", path = "/x"})
    no_match({"%s %s", "@{:verb: 'GET' / 'PUT' :}", "path"}, "POST /x")
    check({"%s", "@"}, "x", {["@"] = "x"})
end

function test_escapes_in_formats()
    check({"a\\tb\\x41%d", "n"}, "a\tbA5", {n = 5})
    check({"a\tb%d", "n"}, "a\tb5", {n = 5})
end

function test_whole_lines_match_and_white_space_after_them()
    check({"%d", "n"}, "5 \t\r\n", {n = 5})
    no_match({"%d", "n"}, "5 x")
    no_match({"x%d", "n"}, "5")
    check({"end", "unused"}, "end \n", {})
end

local function message_of(f, ...)
    local ok, message = pcall(f, ...)
    if ok then error("no error", 2) end
    return message
end

function test_faulty_specs_say_why()
    assert(message_of(printf.build_grammar, {5}) == "printf format must be a string")
    assert(message_of(printf.build_grammar, {}) == "printf format must be a string")
    for _, format in ipairs{"", "%", "%Q", "a %Q b", "100%", "%5", "\\q"} do
        assert(message_of(printf.build_grammar, {format, "a",
            "b"}) == "could not parse the printf format string: " .. format, format)
    end
    assert(message_of(printf.build_grammar, {"%d %d", "a"}) == "fmt: '%d %d' arg: 2 error: 'invalid type'")
    assert(message_of(printf.build_grammar, {"%d", 5}) == "fmt: '%d' arg: 1 error: 'invalid type'")
    assert(message_of(printf.build_grammar, {"%s", "@{:a"}) == "fmt: '%s' arg: 1 error: 'pattern error near ':a''")
    assert(not pcall(printf.build_grammar, nil))
end

function test_messages_are_loaded_in_order_through_modules()
    modules["made.up"] = {printf_messages = {{"b %d", "n"}, "made.up.too"}}
    modules["made.up.too"] = {printf_messages = {{"c %d %d", "n", "m"}}}
    local grammars = printf.load_messages{{"a %d", "n"}, "made.up", {"d %d", "n"}}
    assert(#grammars == 4)
    for i, sample in ipairs{"a 1", "b 1", "c 1 2", "d 1"} do
        assert(grammars[i][1]:match(sample), sample)
        assert(grammars[i][2] == (i == 3 and 3 or 2), sample)
    end
    local more = printf.load_messages({{"e"}}, grammars)
    assert(more == grammars and #more == 5)
    printf.load_messages({{"f"}}, grammars, 2)
    assert(#grammars == 5 and grammars[3][1]:match("f"))
    assert(#printf.load_messages{} == 0)
end

function test_messages_that_cannot_be_loaded_say_where()
    modules["made.up"] = {printf_messages = {{"ok"}, {"%d", false}}}
    modules["made.up.empty"] = {}
    modules["made.up.ring"] = {printf_messages = {{"x"}, "made.up.ring"}}
    assert(message_of(printf.load_messages,
        {{"%Q"}}) == "module: <root> item: 1 error: could not parse the printf format string: %Q")
    assert(message_of(printf.load_messages, {{"x"},
        "made.up"}) == "module: made.up item: 2 error: fmt: '%d' arg: 1 error: 'invalid type'")
    assert(message_of(printf.load_messages,
        {"made.up.empty"}) == "module: made.up.empty does not contain a 'printf_messages' array")
    assert(message_of(printf.load_messages,
        {"made.up.ring"}) == "module: made.up.ring item: 2 error: made.up.ring includes itself")
    assert(string.find(message_of(printf.load_messages, {"made.up.nowhere"}), "made.up.nowhere", 1, true))
end

function test_the_sample_goes_to_the_most_columns_and_then_to_the_first()
    local grammars = printf.load_messages{
        {"%s", "all"}, {"%s %s", "a", "b"}, {"%s %d", "a", "n"}, {"one %s %d", "a", "n"}, {"%s %s %d", "a", "b", "n"}}
    assert(printf.match_sample(grammars, "x") == grammars[1][1])
    assert(printf.match_sample(grammars, "x 1") == grammars[2][1])
    assert(printf.match_sample(grammars, "one x 1") == grammars[5][1])
    assert(printf.match_sample({}, "x") == nil)
    assert(printf.match_sample({{grammars[3][1], 3}}, "no number") == nil)
    assert(not pcall(printf.match_sample, grammars, nil))
end

function test_hostile_formats_and_lines()
    local long = string.rep("x y ", 50000)
    check({"%s|%s", "a", "b"}, long .. "|", {a = long, b = ""})
    no_match({"%s|%d", "a", "b"}, long)
    no_match({"%d", "n"}, string.rep("1", 100000) .. "x")
    check({"%.99999999s", "s"}, "abc", {s = "abc"})
    check({"%99999999.99999999s", "s"}, " abc", {s = "abc"})
    check({"%-99999999d", "n"}, "5", {n = 5})
    local format, spec = string.rep("%d ", 100), {}
    spec[1] = format
    for i = 1, 100 do spec[i + 1] = "n" .. i end
    assert(printf.build_grammar(spec):match(string.rep("7 ", 100)).n100 == 7)
    local grammar = printf.build_grammar{"%s %d", "a", "n"}
    assert(not pcall(grammar.match, grammar, nil))
    assert(grammar:match("\0\255 1").a == "\0\255")
end
