-- E-mail and IP addresses in the text of a log: all of a text of 80 kB, by a grammar of lpeg and by one of re, and the first one of
-- each line. Returns a function that does so many rounds and returns a checksum.
local lpeg = require "lpeg"
local re = require "re"
local string = require "string"
local table = require "table"
local P, R, S, V, C, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C, lpeg.Ct

local digit, alnum = R"09", R("az", "AZ", "09")
local octet = "25" * R"05" + "2" * R"04" * digit + "1" * digit * digit + R"19" * digit + digit
local address = octet * "." * octet * "." * octet * "." * octet * -digit
local part = (alnum + S"_-+")^1
local mail = part * ("." * part)^0 * "@" * alnum^1 * (S".-" * alnum^1)^1
local all = Ct((C(address) + C(mail) + 1)^0)
local first = P{ C(address) + 1 * V(1) }
local all_by_re = re.compile[[
    text <- {| ({ address } / { mail } / %w+ / .)* |}
    address <- octet "." octet "." octet "." octet ![0-9]
    octet <- "25" [0-5] / "2" [0-4] [0-9] / "1" [0-9] [0-9] / [1-9] [0-9] / [0-9]
    mail <- part ("." part)* "@" %w+ ([.-] %w+)+
    part <- [a-zA-Z0-9_+-]+
]]

local lines = {}
for i = 1, 500 do
    lines[i] = string.format(
        "Oct %2d 12:%02d:%02d host%d sshd[%d]: Failed password for invalid user admin from 10.%d.%d.%d port %d ssh2; notice mailed to ops-%d@mail%d.example.com (attempt %d of 1000)",
        i % 28 + 1, i % 60, i * 7 % 60, i % 9, 1000 + i, i % 256, i * 3 % 256, i * 5 % 256, 1024 + i, i, i % 4, i)
end
local text = table.concat(lines, "\n")

return function(count)
    local sum = 0
    for _ = 1, count do
        local found = all:match(text)
        sum = sum + #found + #found[7]
        found = all_by_re:match(text)
        sum = sum + #found + #found[8]
        for i = 1, #lines do sum = sum + #first:match(lines[i]) end
    end
    return sum
end
