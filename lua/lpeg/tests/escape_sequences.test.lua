-- Tests of lpeg.escape_sequences.
require "string"
local lpeg = require "lpeg"
local escapes = require "lpeg.escape_sequences"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: expected %q, got %q", tostring(what), tostring(expected), tostring(actual)), 2)
    end
end

local function decode(grammar, text)
    return lpeg.Cs((grammar + 1)^0):match(text)
end

function test_code_points_become_utf8()
    local cases = {
        {"0", "\0"}, {"41", "A"}, {"7f", "\127"}, {"80", "\194\128"}, {"E9", "\195\169"}, {"7FF", "\223\191"},
        {"800", "\224\160\128"}, {"20ac", "\226\130\172"}, {"ffff", "\239\191\191"}, {"10000", "\240\144\128\128"},
        {"0001F600", "\240\159\152\128"}, {"10ffff", "\244\143\191\191"},
    }
    for _, case in ipairs(cases) do equal(escapes.hex_to_utf8(case[1]), case[2], case[1]) end
end

function test_beyond_unicode_is_the_replacement_character()
    for _, digits in ipairs{"110000", "7fffffff", "FFFFFFFF"} do
        equal(escapes.hex_to_utf8(digits), "\239\191\189", digits)
    end
    equal(pcall(escapes.hex_to_utf8, "xyz"), false, "no digits")
end

function test_bytes_from_digits()
    equal(escapes.hex_to_char("7e"), "~", "hex")
    equal(escapes.octal_to_char("176"), "~", "octal")
    equal(pcall(escapes.hex_to_char, "100"), false, "more than a byte")
    equal(pcall(escapes.octal_to_char, "400"), false, "more than a byte")
end

function test_c_sequences()
    local cases = {
        {"\\a\\b\\e\\f\\n\\r\\t\\v", "\a\b\27\f\n\r\t\v"}, {"\\\\ \\' \\\" \\?", "\\ ' \" ?"},
        {"\\x41\\x4g", "A\4g"}, {"\\xff", "\255"}, {"\\101\\60", "A0"}, {"\\0", "\0"}, {"\\0019", "\0019"}, {"\\377",
            "\255"},
        {"\\u00e9", "\195\169"}, {"\\U0001F600", "\240\159\152\128"}, {"\\", "\\"}, {"\\q\\x\\u12", "\\q\\x\\u12"},
    }
    for _, case in ipairs(cases) do equal(decode(escapes.c, case[1]), case[2], case[1]) end
end

function test_octal_sequences_end_where_a_byte_is_full()
    equal(decode(escapes.c, "\\400\\777"), " 0?7", "octal")
end

function test_json_sequences()
    local cases = {
        {"\\b\\f\\n\\r\\t", "\b\f\n\r\t"}, {'\\/\\\\\\"', '/\\"'}, {"\\u0041\\u20AC", "A\226\130\172"},
        {"\\a\\x41\\'", "\\a\\x41\\'"}, {"\\u12", "\\u12"},
        -- Surrogates stay two.
        {"\\ud83d\\ude00", "\237\160\189\237\184\128"},
    }
    for _, case in ipairs(cases) do equal(decode(escapes.json, case[1]), case[2], case[1]) end
end

function test_percent_and_url_sequences()
    equal(decode(escapes.percent, "a%20b%2Fc%2f+%zz%"), "a b/c/+%zz%", "percent")
    equal(decode(escapes.url, "a%20b+c%2B"), "a b c+", "url")
    equal(escapes.percent:match("%00"), "\0", "zero")
end

function test_a_sequence_is_matched_alone()
    equal(escapes.c:match("\\n"), "\n", "c")
    equal(escapes.json:match("x"), nil, "json")
    equal(escapes.url:match("+"), " ", "url")
end

function test_json_text_is_escaped()
    equal((escapes.escape_json('a"b\\c/d\b\f\n\r\t\0\1\11\27\127\200')),
        'a\\"b\\\\c\\/d\\b\\f\\n\\r\\t\\u0000\\u0001\\u000B\\u001B\127\200', "json")
end

function test_html_text_is_escaped()
    equal((escapes.escape_html("<a href=\"x\" id='y'>&`!$%()+{}[]@</a>")),
        "&lt;a href&equals;&quot;x&quot; id&equals;&apos;y&apos;&gt;&amp;&grave;&excl;&dollar;&percnt;&lpar;&rpar;&plus;"
            .. "&lcub;&rcub;&lsqb;&rsqb;&copy;&lt;/a&gt;", "html")
    equal((escapes.escape_html("\0\t\n\31 -_~^#:;.,?/\\|")), "&#0;&#9;&#10;&#31; -_~^#:;.,?/\\|", "controls")
end

function test_url_text_is_escaped()
    equal((escapes.escape_url("Az09-_.~")), "Az09-_.~", "plain")
    equal((escapes.escape_url("a b/\0\255\n?")), "a%20b%2f%00%ff%0a%3f", "others")
end

function test_escaping_counts_and_takes_any_value()
    local _, count = escapes.escape_json("//")
    equal(count, 2, "count")
    equal((escapes.escape_json(12)), "12", "number")
    equal((escapes.escape_html(true)), "true", "boolean")
    equal((escapes.escape_url(1.5)), "1.5", "number")
    equal((escapes.escape_json("")), "", "empty")
end

function test_url_escapes_are_undone()
    local bytes = {}
    for code = 0, 255 do bytes[#bytes + 1] = string.char(code) end
    local text = ""
    for _, byte in ipairs(bytes) do text = text .. byte end
    equal(decode(escapes.url, (escapes.escape_url(text))), text, "all bytes")
    equal(decode(escapes.json, (escapes.escape_json(text))), text, "all bytes")
end

function test_large_texts()
    local text = string.rep('"<%+', 50000)
    equal(#escapes.escape_html(text), 50000 * (6 + 4 + 8 + 6), "html")
    equal(#decode(escapes.url, string.rep("%41", 50000)), 50000, "url")
end
