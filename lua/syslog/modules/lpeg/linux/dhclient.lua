--[[
Messages of ISC's DHCP client.

Exports
  syslog_grammar   captures a table

Captures
  dhcp_type   DHCPDISCOVER, DHCPREQUEST, DHCPDECLINE, DHCPRELEASE or DHCPACK
  dhcp_client_interface, dhcp_client_addr (field), dhcp_server_addr (field)
  numbers     dhcp_server_port, dhcp_client_interval_seconds, dhcp_client_renewal_seconds
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"

local message = template.compiler()

local to_server = message " on {dhcp_client_interface} to {dhcp_server_addr:ipv4}"
    * message " port {dhcp_server_port:number}"

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "{dhcp_type=DHCPDISCOVER}" * to_server
        * message " interval {dhcp_client_interval_seconds:number}{$}",
    message "{dhcp_type=DHCPREQUEST|DHCPDECLINE|DHCPRELEASE}" * to_server * -1,
    message "{dhcp_type=DHCPACK} from {dhcp_server_addr:ipv4}{$}",
    message "bound to {dhcp_client_addr:ipv4} -- "
        * message "renewal in {dhcp_client_renewal_seconds:number} seconds.{$}",
})

return M
