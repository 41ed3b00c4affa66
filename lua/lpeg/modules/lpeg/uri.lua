--[[
URIs, RFC 3986.

  uri             a whole URI; table of scheme, userinfo, host, port, path, query, fragment
  uri_reference   a whole URI or relative reference ("../page.html?x=1"); same table
  url_query       a whole query string; table of name -> value, both decoded; the last of equal names stays

Parts that are not there are left out. Escapes are decoded in userinfo, path and fragment, and kept in query (decode it
with url_query). Host names come in lower case, IPv6 addresses without brackets, port as text.
--]]

local lpeg = require "lpeg"
local escapes = require "lpeg.escape_sequences"
local ip = require "lpeg.ip_address"

local rawset = rawset

lpeg.locale(lpeg)
local P, S, C, Cc, Cf, Cg, Cs, Ct = lpeg.P, lpeg.S, lpeg.C, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Cs, lpeg.Ct
local xdigit = lpeg.xdigit

local unreserved = lpeg.alnum + S"-._~"
local sub_delims = S"!$&'()*+,;="
local name_character = unreserved + sub_delims

-- Text of these characters and of decoded escapes.
local function decoded(characters)
    return characters^1 + escapes.percent
end

local scheme = Cg(lpeg.alpha * (lpeg.alnum + S"+-.")^0, "scheme")

local ip_future = "v" * xdigit^1 * "." * (name_character + ":")^1
local host = Cg("[" * C(ip.v6 + ip_future) * "]" + ip.v4 + ip.hostname, "host")
local userinfo = Cg(Cs(decoded(name_character + ":")^0), "userinfo")
local authority = (userinfo * "@")^-1 * host * (":" * Cg(lpeg.digit^0, "port"))^-1

local path_character = name_character + S":@"
local path_item = decoded(path_character)
local segments = ("/" * path_item^0)^0
local function path(grammar)
    return Cg(Cs(grammar), "path")
end
local authority_and_path = "//" * authority * path(segments)
local absolute_path = path("/" * (path_item^1 * segments)^-1)
local no_path = -path_item

local query = "?" * Cg(((path_character + S"/?")^1 + "%" * xdigit * xdigit)^0, "query")
local fragment = "#" * Cg(Cs(decoded(path_character + S"/?")^0), "fragment")
local tail = query^-1 * fragment^-1

local absolute = scheme * ":" * (authority_and_path + absolute_path + path(path_item^1 * segments) + no_path) * tail
-- Without a scheme the first segment holds no colon.
local first_segment = decoded(name_character + "@")^1
local relative = (authority_and_path + absolute_path + path(first_segment * segments) + no_path) * tail

local query_name = Cs(((1 - S"=&+%")^1 + -S"=&" * (escapes.url + 1))^1)
local query_value = Cs(((1 - S"&+%")^1 + -P"&" * (escapes.url + 1))^0)

return {
    uri = Ct(absolute * -1),
    uri_reference = Ct((absolute + relative) * -1),
    url_query = Cf(Ct"" * Cg(query_name * ("=" * query_value + Cc"") * P"&"^0)^0, rawset) * -1,
}
