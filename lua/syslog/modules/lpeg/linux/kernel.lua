--[[
Messages of the Linux kernel: packets logged by netfilter (iptables, nftables, ufw) and segmentation
faults of processes.

Exports
  syslog_grammar   captures a table

Captures
  all           monotonic_timestamp (number)
  packets       nf_prefix, nf_in_interface, nf_out_interface, nf_dst_mac, nf_src_mac, nf_type_mac,
                nf_protocol, nf_mark; fields nf_src_ip, nf_dst_ip; numbers nf_len, nf_uid, nf_gid
    IPv4        nf_tos, nf_prec; numbers nf_ttl, nf_id, nf_frag; true if set: nf_ce, nf_df, nf_mf
    IPv6        numbers nf_tc, nf_hoplimit, nf_flowlbl
    TCP         nf_res; numbers nf_spt, nf_dpt, nf_seq, nf_ack, nf_window, nf_urgp; true if set:
                nf_tcp_cwr, _ece, _urg, _ack, _psh, _rst, _syn, _fin
    UDP         numbers nf_spt, nf_dpt, nf_udp_len
    ICMP        field nf_icmp_gateway; numbers nf_icmp_type, _code, _id, _seq, _parameter
    ICMPv6      numbers nf_icmpv6_type, _code, _id, _seq, _pointer, _mtu
  faults        fault_process_name, fault_process_pid (text), fault_type ("segfault"),
                fault_instruction_pointer, fault_stack_pointer, fault_in; numbers fault_at,
                fault_error_bits
--]]

local l = require "lpeg"
local syslog = require "lpeg.syslog"
local template = require "lpeg.log_template"

local message = template.compiler{
    mac = syslog.commonmac,
    to_bracket = (1 - l.P"]")^0,
}

-- A word that stands there or does not: true under `name` if it does.
local function flag(word, name)
    return (word * l.Cg(l.Cc(true), name))^-1
end

-- Packets. The parts stand in the order of the kernel's nf_log_ipv4, nf_log_ipv6 and nf_log_common.

local tcp = message "PROTO={nf_protocol=TCP} SPT={nf_spt:integer} DPT={nf_dpt:integer}"
    * message " SEQ={nf_seq:integer} ACK={nf_ack:integer}"^-1
    * message " WINDOW={nf_window:integer} RES={nf_res:token} "
    * flag("CWR ", "nf_tcp_cwr")
    * flag("ECE ", "nf_tcp_ece")
    * flag("URG ", "nf_tcp_urg")
    * flag("ACK ", "nf_tcp_ack")
    * flag("PSH ", "nf_tcp_psh")
    * flag("RST ", "nf_tcp_rst")
    * flag("SYN ", "nf_tcp_syn")
    * flag("FIN ", "nf_tcp_fin")
    * message "URGP={nf_urgp:integer} "

local udp = message "PROTO={nf_protocol=UDP} SPT={nf_spt:integer} DPT={nf_dpt:integer}"
    * message " LEN={nf_udp_len:integer} "

local icmp = message "PROTO={nf_protocol=ICMP} TYPE={nf_icmp_type:integer}"
    * message " CODE={nf_icmp_code:integer}"
    * message " ID={nf_icmp_id:integer} SEQ={nf_icmp_seq:integer}"^-1
    * message " PARAMETER={nf_icmp_parameter:integer}"^-1
    * message " GATEWAY={nf_icmp_gateway:ipv4}"^-1
    * " "

local icmp_v6 = message "PROTO={nf_protocol=ICMPv6} TYPE={nf_icmpv6_type:integer}"
    * message " CODE={nf_icmpv6_code:integer}"
    * message " ID={nf_icmpv6_id:integer} SEQ={nf_icmpv6_seq:integer}"^-1
    * message " POINTER={nf_icmpv6_pointer:integer}"^-1
    * message " MTU={nf_icmpv6_mtu:integer}"^-1
    * " "

local other = message "PROTO={nf_protocol:token}"

local v4 = message " SRC={nf_src_ip:ipv4} DST={nf_dst_ip:ipv4} LEN={nf_len:integer}"
    * message " TOS={nf_tos:token} PREC={nf_prec:token} TTL={nf_ttl:integer} ID={nf_id:integer} "
    * flag("CE ", "nf_ce")
    * flag("DF ", "nf_df")
    * flag("MF ", "nf_mf")
    * message "FRAG:{nf_frag:integer} "^-1
    * template.choice{ tcp, udp, icmp, other }

local v6 = message " SRC={nf_src_ip:ipv6} DST={nf_dst_ip:ipv6} LEN={nf_len:integer}"
    * message " TC={nf_tc:integer} HOPLIMIT={nf_hoplimit:integer} FLOWLBL={nf_flowlbl:integer} "
    * template.choice{ tcp, udp, icmp_v6, other }

-- What follows the two addresses is the type of the frame, of any length.
local mac = message " MAC={nf_dst_mac:mac}:{nf_src_mac:mac}" * message ":{nf_type_mac:token}"^-1

local packet = message "{nf_prefix}IN={nf_in_interface:token} OUT={nf_out_interface:token}"
    * mac^-1
    * (v4 + v6)
    * message "UID={nf_uid:integer} GID={nf_gid:integer} "^-1
    * message "MARK={nf_mark:token} "^-1

local fault = message "{fault_process_name}[{fault_process_pid:to_bracket}]: {fault_type=segfault}"
    * message " at {fault_at:integer} ip {fault_instruction_pointer:token}"
    * message " sp {fault_stack_pointer:token} error {fault_error_bits:integer} in {fault_in:token}"

local M = {}

M.syslog_grammar = l.Ct(message "[{monotonic_timestamp:float}] " * (packet + fault))

return M
