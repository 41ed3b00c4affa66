--[[
Grammars from printf formats: what a program printed is read back into the values that it printed.

  build_grammar(spec)                     spec is {format, name, name...}, one name per argument of the format:
                                          a capture's name, an LPeg pattern that is used as it is, or "@" and an
                                          expression of the re module; both name their own captures.
                                          Returns a pattern that captures a table, from a whole line.
  load_messages(list, grammars, size)     list holds specs, and names of modules with such a list as printf_messages.
                                          Returns grammars (a new array unless given; filled from size + 1) as an array
                                          of {pattern, number of the spec's columns}.
  match_sample(grammars, sample)          the pattern with the most columns that matches, the first of equals; or nil

Conversions: d i u o x X are numbers without a fraction, f F e E g G a A with one, c one byte, p a 0x address, n and others
nothing. s is text: up to the literal that follows, or to the end without the spaces around, else a run without spaces; with
a precision at most that many bytes. Flags and widths say where padding may be. A "*" for width or precision takes a column.
--]]

local lpeg = require "lpeg"
local escapes = require "lpeg.escape_sequences"
local re = require "re"
local string = require "string"

local error, ipairs, pcall, require, tonumber, type = error, ipairs, pcall, require, tonumber, type
local find, format, match, sub = string.find, string.format, string.match, string.sub

lpeg.locale(lpeg)
local P, R, S = lpeg.P, lpeg.R, lpeg.S
local C, Cc, Cg, Cmt, Cp, Cs, Ct = lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Cmt, lpeg.Cp, lpeg.Cs, lpeg.Ct
local digit, xdigit, space = lpeg.digit, lpeg.xdigit, lpeg.space

local M = {}

-- ---------------------------------------------------------------------------------------------------------------------
-- Formats

-- An array of literals (text) and conversions (tables of flags, width, precision, specifier).
local segments
do
    local flags = Cg(S"-+ #0"^0, "flags")
    local width = Cg(digit^1 + "*", "width")
    local precision = "." * Cg(digit^1 + "*" + Cc"0", "precision")
    local length = P"hh" + "h" + "ll" + "l" + S"jztL"
    local specifier = Cg(S"diuoxXfFeEgGaAcspn%", "specifier")
    local conversion = Ct("%" * flags * width^-1 * precision^-1 * length^-1 * specifier)
    local literal = Cs(((1 - S"%\\")^1 + escapes.c + P"%%" / "%%")^1)
    segments = Ct((literal + conversion)^1) * -1
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Conversions

local blank = P" "
local blanks = blank^0
local not_blank = 1 - blank
local sign = S"+-"

local function from_hex(digits) return tonumber(digits, 16) end
local function from_octal(digits) return tonumber(digits, 8) end

-- Text without the blanks around it.
local trimmed = blanks * C((blanks * not_blank^1)^0)
local function trim(text) return trimmed:match(text) end

local integer = (sign^-1 * digit^0) / tonumber
local hexadecimal = ("0" * S"xX")^-1 * (xdigit^0 / from_hex)
local decimal = (sign^-1 * digit^1 * ("." * digit^0)^-1 * (S"eE" * sign^-1 * digit^1)^-1) / tonumber
local hexadecimal_float = (sign^-1 * "0" * S"xX" * xdigit^1 * ("." * xdigit^0)^-1
    * (S"pP" * sign^-1 * digit^1)^-1) / tonumber

local values = {
    d = integer, i = integer,
    u = digit^0 / tonumber,
    o = R"07"^0 / from_octal,
    x = hexadecimal, X = hexadecimal,
    f = decimal, F = decimal, e = decimal, E = decimal, g = decimal, G = decimal,
    a = hexadecimal_float, A = hexadecimal_float,
    c = C(P(1)),
    s = C(not_blank^0),
    p = C("0x" * xdigit^1),
}
local nothing = P""

-- A value and the padding after it, together as wide as asked. Where the line ends the padding does.
local paddings = {}
local function padded_to(width)
    local padding = paddings[width]
    if not padding then
        padding = function(subject, after, start, value)
            local stop = start + width
            if stop > #subject + 1 then stop = #subject + 1 end
            return after < stop and stop or after, value
        end
        paddings[width] = padding
    end
    return padding
end

local function with_padding(conversion, grammar)
    local flags, width = conversion.flags, conversion.width
    local left = find(flags, "-", 1, true)
    if width and not left then grammar = blanks * grammar end
    if find(flags, " ", 1, true) and not find(conversion.specifier, "[csp]") then grammar = blank * grammar end
    if width == "*" and left then return grammar * blanks end
    if width and left then return Cmt(Cp() * grammar, padded_to(tonumber(width))) end
    return grammar
end

-- Text of at most `count` bytes: any, or without blanks. A pattern of that many optional bytes grows with their number, a
-- function does not.
local UNROLLED_BYTES = 32
local function at_most(count, blanks_too)
    if count == 0 then return C(nothing) end
    if count <= UNROLLED_BYTES then return C((blanks_too and P(1) or not_blank)^-count) end
    return Cmt(nothing, function(subject, position)
        local text = sub(subject, position, position + count - 1)
        if not blanks_too then text = match(text, "^[^ ]*") end
        return position + #text, text
    end)
end

local function value_grammar(conversion)
    local precision, width = tonumber(conversion.precision), tonumber(conversion.width)
    if conversion.specifier == "s" and precision then
        -- With a width, padding and text cannot be told apart before they are read.
        if width then return at_most(width > precision and width or precision, true) / trim end
        return with_padding(conversion, at_most(precision, false))
    end
    return with_padding(conversion, values[conversion.specifier] or nothing)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Grammars

local line_end = space^0 * -1

local function literal_grammar(text, is_last)
    return is_last and text * line_end or P(text)
end

-- Everything before the literal. Only where its first byte stands is the whole looked for.
local function text_before(text, literal)
    return C(((1 - P(sub(text, 1, 1)))^1 + (1 - literal))^0)
end

-- The pattern of a conversion, from the name in its column and the part that follows it.
local function argument_grammar(conversion, name, following, following_is_last)
    if lpeg.type(name) == "pattern" then return name end
    if type(name) ~= "string" then error("invalid type", 0) end
    if find(name, "^@.") then return re.compile(sub(name, 2)) end

    if conversion.specifier ~= "s" or tonumber(conversion.precision) or type(following) == "table" then
        return Cg(value_grammar(conversion), name)
    end
    if not following then return Cg(trimmed, name) end
    local text = text_before(following, literal_grammar(following, following_is_last))
    return Cg(with_padding(conversion, text), name)
end

function M.build_grammar(spec)
    local fmt = spec[1]
    if type(fmt) ~= "string" then error("printf format must be a string", 0) end
    local parts = segments:match(fmt)
    if not parts then error("could not parse the printf format string: " .. fmt, 0) end

    local count = #parts
    local column = 1
    local grammar = P(true)
    for i, part in ipairs(parts) do
        if type(part) == "string" then
            grammar = grammar * literal_grammar(part, i == count)
        else
            column = column + 1
            if part.width == "*" then column = column + 1 end
            if part.precision == "*" then column = column + 1 end
            local ok, argument = pcall(argument_grammar, part, spec[column], parts[i + 1], i + 1 == count)
            if not ok then error(format("fmt: '%s' arg: %d error: '%s'", fmt, column - 1, argument), 0) end
            grammar = grammar * argument
        end
    end
    return Ct(grammar * line_end)
end

-- Returns the new size. `loading` holds the modules that are being read: one that names itself would never end.
local function load_list(list, grammars, size, module_name, loading)
    for i, item in ipairs(list) do
        if type(item) == "table" then
            local ok, grammar = pcall(M.build_grammar, item)
            if not ok then error(format("module: %s item: %d error: %s", module_name, i, grammar), 0) end
            size = size + 1
            grammars[size] = {grammar, #item}
        else
            if loading[item] then
                error(format("module: %s item: %d error: %s includes itself", module_name, i, item), 0)
            end
            local messages = require(item).printf_messages
            if type(messages) ~= "table" then
                error(format("module: %s does not contain a 'printf_messages' array", item), 0)
            end
            loading[item] = true
            size = load_list(messages, grammars, size, item, loading)
            loading[item] = nil
        end
    end
    return size
end

function M.load_messages(list, grammars, size, module_name)
    grammars = grammars or {}
    load_list(list, grammars, size or #grammars, module_name or "<root>", {})
    return grammars
end

function M.match_sample(grammars, sample)
    local best, columns = nil, 0
    for _, entry in ipairs(grammars) do
        if entry[2] > columns and entry[1]:match(sample) then best, columns = entry[1], entry[2] end
    end
    return best
end

return M
