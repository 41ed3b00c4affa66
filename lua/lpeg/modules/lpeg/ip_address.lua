--[[
IP address and host name grammars.

  v4, v6            address text, no capture of its own; what follows is not looked at (1.2.3.4567 begins with a v4)
  hostname          characters of a URI's reg-name; captures the name in lower case
  host              v6, v4 or hostname
  v4_field, v6_field, host_field
                    message field {value = address, representation = "ipv4" | "ipv6" | "hostname"}
  v4_octets         array of the four numbers
--]]

local lpeg = require "lpeg"
local string = require "string"

local tonumber = tonumber

lpeg.locale(lpeg)
local P, R, S, Cc, Cg, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.Cc, lpeg.Cg, lpeg.Ct
local digit, xdigit = lpeg.digit, lpeg.xdigit

local M = {}

-- 0 to 255, without leading zeros, as many digits as there are. The first digit says which follow: nothing is tried twice.
local octet = "1" * (digit * digit^-1)^-1
    + "2" * (R"04" * digit^-1 + "5" * R"05"^-1 + R"69")^-1
    + R"39" * digit^-1
    + "0"

M.v4 = octet * "." * octet * "." * octet * "." * octet

local number = octet / tonumber
M.v4_octets = Ct(number * "." * number * "." * number * "." * number)

-- RFC 3986, IPv6address: eight groups of 16 bits, the last two perhaps written as a v4 address, and once "::" for some of
-- them. Alternative `before` has that many groups at most before the "::", and seven less as many after it.
do
    local group = xdigit * xdigit^-3
    local group_colon = group * ":"
    local last_two = group_colon * group + M.v4

    local function groups(count)
        local grammar = P(true)
        for _ = 1, count do grammar = grammar * group_colon end
        return grammar
    end

    local grammar = groups(6) * last_two
    for before = 0, 7 do
        local first = P":"
        if before == 1 then first = group_colon + first end
        if before > 1 then first = group_colon * group_colon^(1 - before) + first end
        local rest = before <= 5 and groups(5 - before) * last_two or before == 6 and group or P(true)
        grammar = grammar + first * ":" * rest
    end
    -- All begin with up to four digits and a colon: what does not, fails at once.
    M.v6 = #(xdigit^-4 * ":") * grammar
end

local plain = lpeg.alnum + S"-._~!$&'()*+,;="
local escape = "%" * xdigit * xdigit

M.hostname = (plain^1 + escape)^1 / string.lower
M.host = M.v6 + M.v4 + M.hostname

local function field(address, representation)
    return Ct(Cg(address, "value") * Cg(Cc(representation), "representation"))
end

M.v4_field = field(M.v4, "ipv4")
M.v6_field = field(M.v6, "ipv6")
M.host_field = M.v6_field + M.v4_field + field(M.hostname, "hostname")

return M
