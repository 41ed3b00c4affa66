--[[
The delta form of a circular buffer ("cbufd"), as inject_payload writes it.

  grammar   captures {header = first line, {value, value..., time = nanoseconds since 1970}, ...} from the whole text;
            there must be a row. A value is a number without an exponent, or nan, which becomes NaN.
--]]

local lpeg = require "lpeg"

local tonumber = tonumber

lpeg.locale(lpeg)
local P, Cc, Cg, Ct = lpeg.P, lpeg.Cc, lpeg.Cg, lpeg.Ct
local digit = lpeg.digit

local header = Cg((1 - P"\n")^1, "header") * "\n"
local seconds = digit^1 / "%0000000000" / tonumber
local value = P"-"^-1 * digit^1 * ("." * digit^1)^-1 / tonumber + "nan" * Cc(0 / 0)
local row = Ct(Cg(seconds, "time") * ("\t" * value)^1 * "\n")

return {
    grammar = Ct(header * row^1) * -1,
}
