-- lpeg.bsd.filterlog
local string = require "string"
local grammar = require("lpeg.bsd.filterlog").syslog_grammar

local RULE = "12,7,anchor,1000000103,em0,match,block,in"
local V4 = RULE .. ",4,0x10,,64,4711,0,DF,6,tcp,84,192.0.2.1,198.51.100.2"
local V6 = "12,,,1000000103,em0,match,pass,out,6,0x02,0x12345,255,UDP,17,50,fe80::1,ff02::fb"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

-- Integers are given as numbers, text as strings, absent fields as false.
local function check(line, expected)
    local fields = grammar:match(line)
    if not fields then error("no match: " .. line, 2) end
    for name, value in pairs(expected) do
        local field = fields[name]
        if type(value) == "number" then
            equal(type(field), "table", name)
            equal(field.value, value, name)
            equal(field.value_type, 2, name)
        else
            equal(field, value or nil, name)
        end
    end
end

function test_the_rule_part_stands_alone()
    check(RULE .. ",4", { rule_number = 12, sub_rule_number = 7, anchor = "anchor",
        tracker = 1000000103, real_interface = "em0", reason = "match", action = "block",
        direction = "in", ip_version = "4" })
    check("12,,,1,em0,match,pass,out,6", { sub_rule_number = false, anchor = "", action = "pass" })
end

function test_the_ipv4_header_is_captured()
    check(V4, { tos = 16, ecn = "", ttl = 64, id = 4711, offset = 0, flags = "DF", protocol_id = 6,
        protocol_text = "tcp", length = 84, source_address = "192.0.2.1",
        destination_address = "198.51.100.2" })
end

function test_a_missing_type_of_service_gives_no_field()
    check(RULE .. ",4,,,64,4711,0,DF,6,tcp,84,192.0.2.1,198.51.100.2", { tos = false, ttl = 64 })
end

function test_the_ipv6_header_is_captured()
    check(V6, { class = "0x02", flow_label = "0x12345", hop_limit = 255, protocol_text = "UDP",
        protocol_id = 17, length = 50, source_address = "fe80::1",
        destination_address = "ff02::fb" })
end

function test_udp_gives_ports_and_length()
    check(V6 .. ",5353,5353,42", { source_port = 5353, destination_port = 5353, data_length = 42,
        tcp_flags = false })
end

function test_a_tcp_syn_has_no_acknowledgement()
    check(V4 .. ",40000,443,0,S,3394332116,,8192,,mss;nop;wscale", { source_port = 40000,
        tcp_flags = "S", sequence_number = 3394332116, ack_number = false, tcp_window = 8192,
        tcp_options = "mss;nop;wscale" })
end

function test_tcp_flags_may_be_several_and_sequence_numbers_ranges()
    check(V4 .. ",40000,443,100,PA,500:600,77,502,,", { tcp_flags = "PA", sequence_number = 500,
        ack_number = 77, tcp_window = 502, tcp_options = "" })
end

function test_icmp_data_depends_on_the_type()
    check(V4 .. ",request,11,2", { icmp_type = "request", echo_id = 11, echo_sequence = 2 })
    check(V4 .. ",reply,11,2", { icmp_type = "reply", echo_id = 11, echo_sequence = 2 })
    check(V4 .. ",unreachproto,192.0.2.9,17", { icmp_destination_ip_address = "192.0.2.9",
        unreachable_protocol_id = 17 })
    check(V4 .. ",unreachport,192.0.2.9,17,53", { unreachable_port_number = 53 })
    check(V4 .. ",needfrag,192.0.2.9,1480", { icmp_mtu = 1480, unreachable_protocol_id = false })
    check(V4 .. ",tstamp,11,2", { icmp_id = 11, icmp_sequence = 2, echo_id = false })
    check(V4 .. ",tstampreply,11,2,3,4,5", { icmp_otime = 3, icmp_rtime = 4, icmp_ttime = 5 })
    check(V4 .. ",timeexceed,in transit", { icmp_type = "timeexceed",
        icmp_description = "in transit" })
end

function test_icmp_of_an_unknown_type_is_read_by_the_look_of_its_data()
    check(V4 .. ",novel,1,2", { icmp_type = "novel", echo_id = 1, echo_sequence = 2 })
    check(V4 .. ",novel,192.0.2.9,6", { icmp_type = "novel",
        icmp_destination_ip_address = "192.0.2.9", unreachable_protocol_id = 6 })
    check(V4 .. ",request,odd", { icmp_type = "request", icmp_description = "odd" })
end

function test_carp_is_told_from_icmp()
    check(V4 .. ",advertise,255,1,2,3,4", { carp_type = "advertise", carp_ttl = 255, vhid = 1,
        version = 2, advbase = 3, advskew = 4, icmp_type = false })
end

function test_a_line_that_ends_early_keeps_what_is_complete()
    check(V4 .. ",", { source_address = "192.0.2.1", source_port = false })
    check(V4 .. ",40000,443,0,S,339", { source_port = 40000, data_length = 0, tcp_flags = false })
    check(RULE .. ",4,0x10,,64,4711,0,DF,6,tcp,84,192.0.2.1", { ip_version = "4", tos = false })
end

function test_other_lines_do_not_match()
    for _, line in ipairs{ "", ",,,", "x", RULE, "12,7,anchor,1,em0,match,drop,in,4",
        "12,7,anchor,1,em0,match,block,in,5", string.rep(",", 50000) } do
        equal(grammar:match(line), nil, string.sub(line, 1, 40))
    end
end
