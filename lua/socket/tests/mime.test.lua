-- Tests of mime.
local string = require "string"
local table = require "table"
local ltn12 = require "ltn12"
local mime = require "mime"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %q, expected %q", what or "value", tostring(actual), tostring(expected)), 2)
    end
end

-- A text through a filter, in parts of a few bytes.
local function through(text, filter, size)
    local parts = {}
    ltn12.BLOCKSIZE = size or 3
    local source = ltn12.source.chain(ltn12.source.string(text), filter)
    equal(ltn12.pump.all(source, (ltn12.sink.table(parts))), 1)
    ltn12.BLOCKSIZE = 2048
    return table.concat(parts)
end

local BYTES = {}
for i = 0, 255 do BYTES[#BYTES + 1] = string.char(i) end
BYTES = table.concat(BYTES)

function test_base64_of_known_texts()
    for text, code in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", ["\255\254"] = "//4=" } do
        equal((mime.b64(text)) or "", code)
        equal((mime.unb64(code)) or "", text)
    end
    equal((mime.unb64("Zm 9v\r\nYg=*=")), "foob", "what is no base64 is left out")
    equal(mime.b64(nil), nil)
end

function test_base64_in_parts()
    local text, rest = mime.b64("ab", "cd")
    equal(text, "YWJj")
    equal(rest, "d")
    text, rest = mime.unb64("YWJ", "jZ")
    equal(text, "abc")
    equal(rest, "Z")
    for size = 1, 7 do
        local code = through(BYTES, mime.encode("base64"), size)
        equal(#code, 344)
        equal(through(code, mime.decode("base64"), size), BYTES)
    end
end

function test_quoted_printable_goes_there_and_back()
    equal(through("a=b\9 \r\nc\200 ", mime.encode("quoted-printable")), "a=3Db\9=20\r\nc=C8=20=\r\n")
    equal(through("a\r\nb", mime.encode("quoted-printable", "binary")), "a=0D=0Ab")
    for size = 1, 7 do
        local code = through(BYTES, mime.encode("quoted-printable", "binary"), size)
        equal(through(code, mime.decode("quoted-printable"), size), BYTES)
    end
    equal(through("=\r\nx=4ax=zz=", mime.decode("quoted-printable")), "xJx=zz")
end

function test_lines_are_broken()
    equal(through(string.rep("x", 10), mime.wrap("text", 4)), "xxxx\r\nxxxx\r\nxx\r\n")
    equal(through("ab\ncd", mime.wrap("text", 4)), "ab\r\ncd\r\n")
    equal(through(string.rep("x", 80), mime.wrap()), string.rep("x", 76) .. "\r\nxxxx\r\n")
    local quoted = through(string.rep("=3D", 30), mime.wrap("quoted-printable"))
    for line in string.gmatch(quoted, "[^\r\n]+") do
        equal(#line <= 76, true)
        equal(string.find(line, "=%x?$") ~= nil, line:sub(-1) == "=", "nothing is broken in the middle")
    end
end

function test_line_ends_of_all_kinds_become_one()
    equal(through("a\nb\rc\r\nd\n\re\n\nf\r\rg", mime.normalize("|")), "a|b|c|d|e||f||g")
    equal(through("a\n", mime.normalize()), "a\r\n")
end

function test_dots_at_the_starts_of_lines_are_doubled()
    equal(through(".a\r\n.\r\nb.\r\n..", mime.stuff()), "..a\r\n..\r\nb.\r\n...")
    equal(through("a\n.b", mime.stuff()), "a\n.b", "a line ends in CR LF")
end

function test_what_there_is_no_filter_for()
    local ok, err = pcall(mime.encode, "rot13")
    equal(ok, false)
    equal(string.find(err, "unknown key (rot13)", 1, true) ~= nil, true)
    equal(pcall(mime.decode), false)
    equal(pcall(mime.b64, {}), false)
    equal(pcall(mime.wrp, "x", "y"), false)
end
