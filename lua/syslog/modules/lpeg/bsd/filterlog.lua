--[[
Packets logged by pfSense's filterlog (format of version 2.2): values separated by commas.

Exports
  syslog_grammar   captures a table

Captures (integers are fields {value = number, value_type = 2}, all others text)
  rule         rule_number, sub_rule_number (integers, the second if logged), anchor, tracker
               (integer), real_interface, reason, action ("pass", "block"), direction ("in", "out"),
               ip_version ("4", "6")
  IPv4         tos, ttl, id, offset, protocol_id (integers), ecn, flags, protocol_text
  IPv6         class, flow_label, hop_limit, protocol_id (integers), protocol_text
  both         length (integer), source_address, destination_address
  TCP          source_port, destination_port, data_length, sequence_number, ack_number, tcp_window
               (integers, the last three if logged), tcp_flags, tcp_options
  UDP          source_port, destination_port, data_length (integers)
  ICMP         icmp_type, and by type
    request, reply          echo_id, echo_sequence (integers)
    unreachproto, ...port   icmp_destination_ip_address, unreachable_protocol_id (integer),
                            unreachable_port_number (integer, if logged)
    needfrag                icmp_destination_ip_address, icmp_mtu (integer)
    tstamp, tstampreply     icmp_id, icmp_sequence, icmp_otime, icmp_rtime, icmp_ttime (integers)
    others                  icmp_description
  CARP         carp_type, carp_ttl, vhid, version, advbase, advskew (integers)
--]]

local l = require "lpeg"
l.locale(l)
local ip = require "lpeg.ip_address"

local tonumber = tonumber

local P, Cc, Cg, Ct = l.P, l.Cc, l.Cg, l.Ct

local INTEGER = 2 -- value_type of a field

local digits = l.digit^1
local address = ip.v4 + ip.v6

local function text(name)
    return Cg((1 - P",")^0, name)
end

local function number_field(pattern, name)
    return Cg(Ct(Cg(pattern, "value") * Cg(Cc(INTEGER), "value_type")), name)
end

local function integer(name)
    return number_field(digits / tonumber, name)
end

-- The patterns of the list with commas between them.
local function columns(list)
    local row = P(list[1])
    for i = 2, #list do row = row * "," * list[i] end
    return row
end

-- IP ----------------------------------------------------------------------------------------------

local hexadecimal = "0x" * l.xdigit^1

local v4 = columns{
    number_field(hexadecimal / tonumber, "tos")^-1, text "ecn", integer "ttl", integer "id",
    integer "offset", text "flags", integer "protocol_id", text "protocol_text",
}

local v6 = columns{
    Cg(hexadecimal, "class"), text "flow_label", integer "hop_limit", text "protocol_text",
    integer "protocol_id",
}

local addresses = columns{
    integer "length", Cg(address, "source_address"), Cg(address, "destination_address"),
}

-- Protocols ---------------------------------------------------------------------------------------

-- TCP begins like UDP; its flags, which are letters, tell them apart. Sequence numbers of packets
-- with data are ranges (first:last); the urgent pointer has no name.
local ports = columns{ integer "source_port", integer "destination_port", integer "data_length" }
local tcp = columns{
    Cg(l.S"SA.FRPUEW"^1, "tcp_flags"),
    (integer "sequence_number" * (":" * digits)^-1)^-1,
    integer "ack_number"^-1,
    integer "tcp_window"^-1,
} * ("," * (digits^-1 * ",")^-1 * text "tcp_options")^-1

local destination = Cg(address, "icmp_destination_ip_address")
local times = columns{ integer "icmp_otime", integer "icmp_rtime", integer "icmp_ttime" }
local echo = columns{ integer "echo_id", integer "echo_sequence" }
local unreachable = columns{ destination, integer "unreachable_protocol_id" }
    * ("," * integer "unreachable_port_number")^-1

local function icmp_type(names, data)
    return Cg(names, "icmp_type") * "," * data
end

local icmp = icmp_type(P"request" + "reply", echo)
    + icmp_type(P"unreachproto" + "unreachport", unreachable)
    + icmp_type("needfrag", columns{ destination, integer "icmp_mtu" })
    + icmp_type(P"tstampreply" + "tstamp",
        columns{ integer "icmp_id", integer "icmp_sequence" } * ("," * times)^-1)

-- ICMP types that only have a description, and unknown ones by the look of their values.
local other_icmp = columns{ text "icmp_type", echo + unreachable + text "icmp_description" }

local carp = columns{
    text "carp_type", integer "carp_ttl", integer "vhid", integer "version", integer "advbase",
    integer "advskew",
}

local protocol = ports * ("," * tcp)^-1 + icmp + carp + other_icmp
local packet = columns{ v4 + v6, addresses } * ("," * protocol)^-1

local M = {}

M.syslog_grammar = Ct(columns{
    integer "rule_number", integer "sub_rule_number"^-1, text "anchor", integer "tracker",
    text "real_interface", text "reason", Cg(P"pass" + "block", "action"),
    Cg(P"in" + "out", "direction"), Cg(P"4" + "6", "ip_version"),
} * ("," * packet)^-1)

return M
