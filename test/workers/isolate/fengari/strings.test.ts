/**
 * The string library: search, substitution, formats, comparison.
 * Each expectation is what Lua 5.1.5 gives for the same source.
 */
import t from 'tap';
import { evaluate } from './guest.ts';

const cases: readonly (readonly [string, string])[] = [
  [
    'return ("hello world"):find("o w"), ("hello"):find("l+"), ("hello"):find("xyz")',
    '5 | 3 | nil',
  ],
  ['return ("hello"):find(""), ("hello"):find("", 10), ("hello"):find("l", -2)', '1 | 6 | 4 | 4'],
  ['return ("a.b"):find(".", 1, true), ("a.b"):find("%.")', '2 | 2 | 2'],
  ['return ("key = value"):match("(%w+)%s*=%s*(%w+)")', 'key | value'],
  ['return ("  trim  "):match("^%s*(.-)%s*$"), ("abc"):match("()b()")', 'trim | 2 | 3'],
  ['return ("hello world"):gsub("o", "0")', 'hell0 w0rld | 2'],
  ['return ("hello"):gsub("", "-")', '-h-e-l-l-o- | 6'],
  [
    'return ("abc"):gsub("%w", "%0%0"), ("abc"):gsub("(a)(b)", "%2%1"), ("hello world"):gsub("%w+", "%0 %0", 1)',
    'aabbcc | bac | hello hello world | 1',
  ],
  [
    'return ("abc"):gsub("b", {b = "X"}), ("abc"):gsub("%w", {a = 1, b = false}), ("abc"):gsub(".", function(c) if c == "b" then return "[" .. c .. "]" end end)',
    'aXc | 1bc | a[b]c | 3',
  ],
  ['return ("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 42})', 'Bob is 42 | 2'],
  [
    'return ("f(a(b)c)d"):match("%b()"), ("THE (quick) fox"):gsub("%f[%a]%a+", string.lower)',
    '(a(b)c) | the (quick) fox | 3',
  ],
  [
    'return ("a\\0b"):gsub("%z", "0"), ("a\\0b"):find("\\0"), #"a\\0b", ("a\\0b"):match("%Z+")',
    'a0b | 2 | 3 | a',
  ],
  [
    'local s = "" for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do s = s .. k .. v .. ";" end return s',
    'a1;b2;',
  ],
  [
    'local s = "" for w in string.gfind("one two", "%a+") do s = s .. w .. ";" end return s',
    'one;two;',
  ],
  ['local n = 0 for a in ("abc"):gmatch("") do n = n + 1 end return n', '4'],
  [
    'return ("abc"):rep(3), ("abc"):rep(0), ("abc"):rep(-1), ("abc"):reverse(), ("aBc"):upper(), ("aBc"):lower(), ("abc"):len()',
    'abcabcabc |  |  | cba | ABC | abc | 3',
  ],
  ['return ("abc"):byte(), ("abc"):byte(1, -1)', '97 | 97 | 98 | 99'],
  [
    'return ("abc"):byte(10), ("abc"):byte(-1), string.char(), string.char(97, 98)',
    'nil | 99 |  | ab',
  ],
  [
    'return ("hello"):sub(2), ("hello"):sub(2, 3), ("hello"):sub(-3), ("hello"):sub(-3, -2), ("hello"):sub(0), ("hello"):sub(10), ("hello"):sub(3, 2), ("hello"):sub(-100, 100)',
    'ello | el | llo | ll | hello |  |  | hello',
  ],
  [
    'return ("[test]"):match("%[(.-)%]"), ("a]b"):match("[]]"), ("a^b"):match("[%^]"), ("a-z"):match("[a%-z]+"), ("x-1"):match("[+-]?%d+")',
    'test | ] | ^ | a-z | -1',
  ],
  [
    'return ("0123456789"):match("^(%d%d)(%d%d)"), ("aaab"):match("a-b"), ("aaa"):match("a-$"), ("abab"):match("(ab)%1")',
    '01 | aaab | aaa | ab',
  ],
  [
    'return ("\\228"):upper() == "\\228", ("\\228"):lower() == "\\228", ("\\228"):match("%a")',
    'true | true | nil',
  ],
  ['return pcall(string.find, "a", "(")', 'false | unfinished capture'],
  ['return pcall(string.find, "a", "%")', "false | malformed pattern (ends with '%')"],
  ['return pcall(string.find, "a", "[a")', "false | malformed pattern (missing ']')"],
  ['return pcall(string.find, "a", "%b")', 'false | unbalanced pattern'],
  ['return pcall(string.find, "a", "%f")', "false | missing '[' after '%f' in pattern"],
  ['return pcall(string.find, "a", "(a))")', 'false | invalid pattern capture'],
  ['return pcall(string.gsub, "a", "a", "%2")', 'false | invalid capture index'],
  [
    'return pcall(string.gsub, "abc", "b", function() return {} end)',
    'false | invalid replacement value (a table)',
  ],
  [
    'return pcall(string.gsub, "a", "a", true)',
    "false | bad argument #3 to '?' (string/function/table expected)",
  ],
  ['return pcall(string.char, 256)', "false | bad argument #1 to '?' (invalid value)"],
  [
    'return string.format("%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%u", 42, 42, 42, 42, 42, 255, 255, 255, 8, 42)',
    '   42|42   |00042|+42| 42|ff|FF|0xff|10|42',
  ],
  [
    'return string.format("%d %d %d %i", 3.7, -3.7, 2^53, 1e10), string.format("%x %X %x", -1, -255, 2^40)',
    '3 -3 9007199254740992 10000000000 | ffffffffffffffff FFFFFFFFFFFFFF01 10000000000',
  ],
  [
    'return string.format("%5.1f|%-8.3f|%08.2f|%+.2f|%.0f|%.0f|%.0f|%f", 3.14159, 2.5, -1.5, 1.005, 0.5, 1.5, 2.5, 1/3)',
    '  3.1|2.500   |-0001.50|+1.00|0|2|2|0.333333',
  ],
  [
    'return string.format("%e %E %.3e %g %g %g %g %G", 12345.678, 0.00012, 1e100, 1e20, 0.0001, 0.00001, 123456789, 1e-10)',
    '1.234568e+04 1.200000E-04 1.000e+100 1e+20 0.0001 1e-05 1.23457e+08 1E-10',
  ],
  [
    'return string.format("%g %g %g %#g %.3g %.10g", 100000, 1000000, 1e15, 1, 1234.5, 1/3)',
    '100000 1e+06 1e+15 1.00000 1.23e+03 0.3333333333',
  ],
  [
    'return string.format("%.2f %.2f %.2f %.1f %.1f %.3f", 0.125, 0.375, 2.675, 0.25, 0.35, 1.0005)',
    '0.12 0.38 2.67 0.2 0.3 1.000',
  ],
  [
    'return string.format("%.17g %.17g %.20f", 0.1, 1e23, 0.1), string.format("%.3f", 2^70)',
    '0.10000000000000001 9.9999999999999992e+22 0.10000000000000000555 | 1180591620717411303424.000',
  ],
  [
    'return string.format("%s|%10s|%-10s|%.2s|%5.1s|", "abc", "abc", "abc", "abc", "abc")',
    'abc|       abc|abc       |ab|    a|',
  ],
  ['return string.format("%q", \'a"b\\\\c\\nd\\re\\0f\\1\')', '"a\\"b\\\\c\\\nd\\re\\000f\x01"'],
  [
    'return string.format("%%|%5s|%s", "x", 12), string.format("%10.4d|%-10.4d|%+.3d", 42, 42, 7), string.format("%#o %#x %#.3x", 8, 0, 5)',
    '%|    x|12 |       0042|0042      |+007 | 010 0 0x005',
  ],
  [
    'return pcall(string.format, "%d", "x")',
    "false | bad argument #2 to '?' (number expected, got string)",
  ],
  ['return pcall(string.format, "%y", 1)', "false | invalid option '%y' to 'format'"],
  [
    'return pcall(string.format, "%123d", 1)',
    'false | invalid format (width or precision too long)',
  ],
  ['return pcall(string.format, "%d")', "false | bad argument #2 to '?' (no value)"],
  ['return "a" .. "b" .. "c" .. 1 .. 2, (1) .. (2), 1 .. 2 .. 3', 'abc12 | 12 | 123'],
  [
    'return "a\\q\\.\\-\\[" , \'it\\\'s\', "\\65\\066\\0671", [==[a]]b]==], [[\nx]]',
    "aq.-[ | it's | ABC1 | a]]b | x",
  ],
  [
    'return "a" < "b", "a" < "B", "" < "a", "a\\0b" < "a\\0c", "Z" < "a", "\\255" > "a", "a" <= "a"',
    'true | false | true | true | true | true | true',
  ],
  ['local t = {} t["\\5\\161"] = 1 t["\\90\\1"] = 2 return t["\\5\\161"], t["\\90\\1"]', '1 | 2'],
];

t.test('string functions, patterns and formats give what Lua 5.1 gives', async (t) => {
  for (const [source, expected] of cases) {
    t.equal(evaluate(source), expected, source.slice(0, 70));
  }
});
