--[[
Query log of BIND, as named writes it with print-time, print-severity and print-category set to yes:

  27-May-2015 21:06:49.246 queries: info: client 10.0.1.70#41242 (www.example.com): query:
  www.example.com IN A +E (10.0.1.71)                                          (in one line)

Exports
  query_log_grammar   the whole line; its captures are named, so wrap it in lpeg.Ct
  dns_record_type, dns_record_class, query_flags   parts of it

Captures
  Timestamp             nanoseconds since 1970, without the fraction of the second
  ClientIP              field {value, representation = "ipv4"}
  ClientEphemeralPort   text
  FullQuery             the name as it stands in parentheses
  QueryName             the first label of the name
  QueryDomain           its other labels, if there are any
  RecordClass           IN, CH or HS
  RecordType            A, AAAA, MX, ...
  QueryFlags            list of what the flags +-ESDCT mean
  ServerRespondingIP    field {value, representation = "ipv4"}
--]]

local l = require "lpeg"
l.locale(l)
local date_time = require "lpeg.date_time"
local ip = require "lpeg.ip_address"

local ipairs = ipairs

local P, S, Cg, Ct = l.P, l.S, l.Cg, l.Ct

-- A type that begins another one comes after it.
local record_types = {
    "AFSDB", "APL", "AXFR", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "DHCID", "DLV", "DNAME", "DS",
    "HIP", "IPSECKEY", "IXFR", "KEY", "KX", "LOC", "MX", "NAPTR", "NSEC3PARAM", "NSEC3", "NSEC",
    "NS", "OPT", "PTR", "RRSIG", "RP", "SIG", "SOA", "SRV", "SSHFP", "TA", "TKEY", "TLSA", "TSIG",
    "TXT", "*", "AAAA", "A",
}

local flags = {
    ["+"] = "recursion requested",
    ["-"] = "recursion not requested",
    E = "EDNS used",
    S = "query signed",
    D = "DNSSEC data wanted",
    C = "no DNSSEC validation check",
    T = "TCP used",
}

local function one_of(words)
    local choice = P(false)
    for _, word in ipairs(words) do choice = choice + word end
    return choice
end

local M = {}

M.dns_record_type = Cg(one_of(record_types), "RecordType")
M.dns_record_class = Cg(one_of{ "IN", "CH", "HS" }, "RecordClass")
M.query_flags = Cg(Ct((S"+-EDCST" / flags)^1), "QueryFlags")

local label = (l.alnum + S"-_")^1
local name = (label * ".")^0 * label

local seconds = date_time.build_strftime_grammar("%d-%b-%Y %H:%M:%S") / date_time.time_to_ns
local timestamp = Cg(seconds, "Timestamp") * "." * P(3)
local client = Cg(ip.v4_field, "ClientIP") * "#" * Cg(l.digit^-5, "ClientEphemeralPort")
local full_name = "(" * Cg((label * ".")^1 * label, "FullQuery") * "):"
local split_name = Cg(label^-1, "QueryName") * P"."^0 * Cg(name, "QueryDomain")^-1
local server = "(" * Cg(ip.v4_field, "ServerRespondingIP") * ")"

local columns = {
    timestamp, "queries:", "info:", "client", client, full_name, "query:", split_name,
    M.dns_record_class, M.dns_record_type, M.query_flags, server,
}

local line = P(true)
for i, column in ipairs(columns) do
    if i > 1 then line = line * l.space end
    line = line * column
end

M.query_log_grammar = line

return M
