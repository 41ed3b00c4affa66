-- The grammar for BIND's query log.
local l = require "lpeg"
local os = require "os"
local string = require "string"
local bind = require "bind"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

local grammar = l.Ct(bind.query_log_grammar)

local function query(name, class_type_flags)
    return "03-Jun-2019 04:05:06.789 queries: info: client 192.0.2.70#41242 (" .. name
        .. "): query: "
        .. name .. " " .. class_type_flags .. " (198.51.100.53)"
end

function test_a_query_gives_its_parts()
    local fields = grammar:match(query("www.shop.example", "IN A +E"))
    equal(fields.Timestamp,
        os.time{ year = 2019, month = 6, day = 3, hour = 4, min = 5, sec = 6 } * 1e9)
    equal(fields.ClientIP.value, "192.0.2.70")
    equal(fields.ClientIP.representation, "ipv4")
    equal(fields.ClientEphemeralPort, "41242")
    equal(fields.FullQuery, "www.shop.example")
    equal(fields.QueryName, "www")
    equal(fields.QueryDomain, "shop.example")
    equal(fields.RecordClass, "IN")
    equal(fields.RecordType, "A")
    equal(#fields.QueryFlags, 2)
    equal(fields.QueryFlags[1], "recursion requested")
    equal(fields.QueryFlags[2], "EDNS used")
    equal(fields.ServerRespondingIP.value, "198.51.100.53")
    equal(fields.ServerRespondingIP.representation, "ipv4")
end

function test_all_flags_are_spelled_out()
    local flags = grammar:match(query("a.b", "CH TXT -SEDCT")).QueryFlags
    equal(#flags, 6)
    equal(flags[1], "recursion not requested")
    equal(flags[2], "query signed")
    equal(flags[4], "DNSSEC data wanted")
    equal(flags[5], "no DNSSEC validation check")
    equal(flags[6], "TCP used")
end

function test_record_types_that_begin_alike_are_told_apart()
    local kinds = "A AAAA AFSDB APL AXFR CAA CDNSKEY CDS CERT CNAME DHCID DLV DNAME DS HIP "
        .. "IPSECKEY IXFR KEY KX LOC MX NAPTR NS NSEC NSEC3 NSEC3PARAM OPT PTR RP RRSIG SIG SOA "
        .. "SRV SSHFP TA TKEY TLSA TSIG TXT *"
    for kind in string.gmatch(kinds, "%S+") do
        local fields = grammar:match(query("a.b", "IN " .. kind .. " +"))
        equal(fields and fields.RecordType, kind, kind)
    end
end

function test_the_parts_can_be_used_alone()
    equal(l.match(l.Ct(bind.dns_record_type), "MX").RecordType, "MX")
    equal(l.match(l.Ct(bind.dns_record_class), "HS").RecordClass, "HS")
    equal(l.match(l.Ct(bind.query_flags), "+T").QueryFlags[2], "TCP used")
end

function test_a_name_of_one_label_has_no_domain()
    local line = string.gsub(query("a.b", "IN A +"), "query: a%.b", "query: printer")
    local fields = grammar:match(line)
    equal(fields.QueryName, "printer")
    equal(fields.QueryDomain, nil)
end

function test_truncated_and_other_lines_do_not_match()
    local line = query("www.shop.example", "IN A +E")
    for length = 0, #line - 1 do
        equal(grammar:match(string.sub(line, 1, length)), nil, length)
    end
    equal(grammar:match(query("a.b", "IN NOSUCH +")), nil)
    equal(grammar:match(query("a.b", "IN A")), nil)
    equal(grammar:match(query("single", "IN A +")), nil)
end

function test_huge_names_and_flags_are_parsed()
    local name = string.rep("label.", 5000) .. "example"
    local fields = grammar:match(query(name, "IN A " .. string.rep("+", 5000)))
    equal(fields.FullQuery, name)
    equal(#fields.QueryFlags, 5000)
end
