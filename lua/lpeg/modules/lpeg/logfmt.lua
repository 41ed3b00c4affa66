--[[
logfmt lines: key=value key="quoted, with \"JSON escapes\"" key= key

  grammar   captures a table of key -> text; a key with nothing after it is true, one with an empty value "".
            What is neither key nor value separates; the last of equal keys stays. It matches every text.
--]]

local lpeg = require "lpeg"
local escapes = require "lpeg.escape_sequences"

local rawset = rawset

lpeg.locale(lpeg)
local R, S, C, Cc, Cf, Cg, Cs, Ct = lpeg.R, lpeg.S, lpeg.C, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Cs, lpeg.Ct

local separator = R"\0\32" + S'="'
local word = C((1 - separator)^1)
local quoted = '"' * Cs(((1 - S'"\\')^1 + escapes.json)^0) * '"'
local value = "=" * (word + quoted + Cc"") + Cc(true)

return {
    grammar = Cf(Ct"" * (separator^0 * Cg(word * value))^0, rawset),
}
