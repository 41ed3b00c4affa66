--[[
Messages of ISC's DHCP server.

Exports
  syslog_grammar   captures a table

Captures
  requests and answers   dhcp_type, dhcp_client_addr (field), dhcp_client_hw_addr,
                         dhcp_client_hostname, dhcp_source (interface or relay), dhcp_server_addr
                         (text), dhcp_lease_time (number), dhcp_message. Of "BOOTREPLY for ... to"
                         dhcp_client_addr is the text behind "to".
  pools of a failover    dhcp_pool_result ("balancing", "balanced", "IMBALANCED"), dhcp_pool_id,
                         dhcp_network; numbers: dhcp_lease_count, dhcp_free_leases,
                         dhcp_backup_leases, dhcp_lts, dhcp_hold, dhcp_thresh
  bind updates           dhcp_client_addr (field), dhcp_failover_peer, dhcp_bind_update_status
                         ("rejected", "got ack"), dhcp_message
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"

local P = l.P

local pair = l.xdigit * l.xdigit
local hardware = pair * (":" * pair)^0

local message = template.compiler{
    hardware = hardware,
    hardware_or_none = hardware + "<no identifier>",
    to_colon = (1 - P":")^1,
    to_parenthesis = (1 - P")")^1,
}

local client_name = message "({dhcp_client_hostname:to_parenthesis}) "^-1
local lease_time = message " [{dhcp_lease_time:integer}]"^-1
local note = message ": {dhcp_message:rest}"^-1
local via = message " via {dhcp_source:to_colon}"
local leases = message "{dhcp_network}  total {dhcp_lease_count:integer}"
    * message "  free {dhcp_free_leases:integer}  backup {dhcp_backup_leases:integer}"
    * message "  lts {dhcp_lts:integer}"

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "{dhcp_type=BOOTREQUEST} from {dhcp_client_hw_addr:hardware}" * via * -1,
    message "{dhcp_type=BOOTREPLY} for {dhcp_client_addr:ipv4} to {dhcp_client_addr} ("
        * message "{dhcp_client_hw_addr:hardware})" * via * -1,
    message "{dhcp_type=DHCPDISCOVER} from {dhcp_client_hw_addr:hardware_or_none} " * client_name
        * message "via {dhcp_source:to_colon}" * note * -1,
    message "{dhcp_type=DHCPOFFER|DHCPACK|BOOTREPLY} on {dhcp_client_addr:ipv4}"
        * message " to {dhcp_client_hw_addr:word} " * client_name
        * message "via {dhcp_source:word}" * lease_time * note * -1,
    message "{dhcp_type=DHCPACK} to {dhcp_client_addr:ipv4} ({dhcp_client_hw_addr:to_parenthesis})"
        * message " via {dhcp_source:word}" * note * lease_time * -1,
    message "{dhcp_type=DHCPNAK} on {dhcp_client_addr:ipv4} to {dhcp_client_hw_addr:word}"
        * via * -1,
    message "{dhcp_type=DHCPREQUEST} for {dhcp_client_addr:ipv4}"
        * message " ({dhcp_server_addr:to_parenthesis})"^-1
        * message " from {dhcp_client_hw_addr:hardware_or_none} " * client_name
        * message "via {dhcp_source:to_colon}" * note * -1,
    message "{dhcp_type=DHCPINFORM} from {dhcp_client_addr:ipv4}" * via * note * -1,

    message "{dhcp_pool_result=balancing} pool{dhcp_pool_id} " * leases
        * message "  max-own (+/-){dhcp_hold:integer}" * P"  (requesting peer rebalance!)"^-1 * -1,
    message "{dhcp_pool_result=balanced|IMBALANCED} pool" * leases
        * message "  max-misbal {dhcp_thresh:integer}{$}",

    message "bind update on {dhcp_client_addr:ipv4} from {dhcp_failover_peer} "
        * message "{dhcp_bind_update_status=rejected}: {dhcp_message:rest}",
    message "bind update on {dhcp_client_addr:ipv4} {dhcp_bind_update_status=got ack} from "
        * message "{dhcp_failover_peer}: {dhcp_message:rest}",
})

return M
