--[[
Escape sequences: grammars that decode one, functions that encode text.

Grammars, each capturing the decoded bytes; inside a substitution capture they replace the sequence:
  c        \a \b \e \f \n \r \t \v \\ \' \" \?  \uXXXX \UXXXXXXXX (as UTF-8)  \xX \xXX  \0 to \377 (octal)
  json     \b \f \n \r \t \/ \\ \"  \uXXXX (as UTF-8; surrogates are not joined)
  percent  %XX
  url      %XX, and + for a space

Functions:
  hex_to_utf8(digits)     "20AC" -> the UTF-8 bytes of that code point; U+FFFD beyond U+10FFFF
  hex_to_char(digits)     "28" -> "("
  octal_to_char(digits)   "50" -> "("
  escape_json(value)      \ " / and control characters
  escape_html(value)      & < > " ' ` ! @ $ % ( ) = + { } [ ] and control characters
  escape_url(value)       all but A-Z a-z 0-9 - _ . ~
The last three take any value through tostring, and return the text and how many characters were replaced.
--]]

local lpeg = require "lpeg"
local math = require "math"
local string = require "string"

local pairs, tonumber, tostring = pairs, tonumber, tostring
local byte, char, format, gsub = string.byte, string.char, string.format, string.gsub
local floor = math.floor

lpeg.locale(lpeg)
local P, R, S, Cg = lpeg.P, lpeg.R, lpeg.S, lpeg.Cg

local M = {}

-- ---------------------------------------------------------------------------------------------------------------------
-- Decoding

local REPLACEMENT_CHARACTER = "\239\191\189"

-- The lower six bits as a continuation byte, and what is left.
local function continuation(code)
    local rest = floor(code / 64)
    return 128 + code - rest * 64, rest
end

function M.hex_to_utf8(digits)
    local code = tonumber(digits, 16)
    if code < 0x80 then return char(code) end
    local last, third, second
    last, code = continuation(code)
    if code < 0x20 then return char(0xC0 + code, last) end
    third, code = continuation(code)
    if code < 0x10 then return char(0xE0 + code, third, last) end
    second, code = continuation(code)
    if code < 0x04 or code == 0x04 and second < 0x90 then return char(0xF0 + code, second, third, last) end
    return REPLACEMENT_CHARACTER
end

function M.hex_to_char(digits)
    return char(tonumber(digits, 16))
end

function M.octal_to_char(digits)
    return char(tonumber(digits, 8))
end

local json_letters = {
    b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ["/"] = "/", ["\\"] = "\\", ['"'] = '"',
}
local c_letters = {
    a = "\a", b = "\b", e = "\27", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v",
    ["\\"] = "\\", ["'"] = "'", ['"'] = '"', ["?"] = "?",
}

local xdigit = lpeg.xdigit
local two_digits = xdigit * xdigit
local four_digits = two_digits * two_digits
local octal = R"07"

local unicode = "u" * (four_digits / M.hex_to_utf8)

-- The groups let a substitution capture replace the prefix too.
M.c = Cg("\\" * (
    S"abefnrtv\\'\"?" / c_letters
    + unicode
    + "U" * (four_digits * four_digits / M.hex_to_utf8)
    + "x" * (xdigit * xdigit^-1 / M.hex_to_char)
    + (R"03" * octal * octal + octal * octal^-1) / M.octal_to_char))

M.json = Cg("\\" * (S'bfnrt/\\"' / json_letters + unicode))

M.percent = Cg("%" * (two_digits / M.hex_to_char))

M.url = P"+" / " " + M.percent

-- ---------------------------------------------------------------------------------------------------------------------
-- Encoding

local json_escapes = {}
local html_escapes = {
    ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&apos;", ["`"] = "&grave;",
    ["!"] = "&excl;", ["$"] = "&dollar;", ["%"] = "&percnt;", ["("] = "&lpar;", [")"] = "&rpar;",
    ["="] = "&equals;", ["+"] = "&plus;", ["{"] = "&lcub;", ["}"] = "&rcub;", ["["] = "&lsqb;", ["]"] = "&rsqb;",
    -- Not what HTML calls it (&commat;), but what readers of these pages have always been sent.
    ["@"] = "&copy;",
}
for code = 0, 31 do
    json_escapes[char(code)] = format("\\u%04X", code)
    html_escapes[char(code)] = format("&#%d;", code)
end
for letter, decoded in pairs(json_letters) do json_escapes[decoded] = "\\" .. letter end

function M.escape_json(value)
    return gsub(tostring(value), '[%z\1-\31\\"/]', json_escapes)
end

function M.escape_html(value)
    return gsub(tostring(value), "[%z\1-\31&<>\"'`!@$%%()=+{}[%]]", html_escapes)
end

local function percent_escape(character)
    return format("%%%02x", byte(character))
end

function M.escape_url(value)
    return gsub(tostring(value), "[^-_.~a-zA-Z0-9]", percent_escape)
end

return M
