--[[
Messages of BIND's named.

Exports
  syslog_grammar   captures a table

Captures
  dns_error, dns_message, dns_name, dns_type, dns_class, dns_domain, dns_view, dns_nameserver,
  dns_client_signer; fields dns_addr, dns_client_addr; numbers dns_port, dns_client_port,
  dns_serial, dns_clients_per_query
--]]

local l = require "lpeg"
local syslog = require "lpeg.syslog"
local template = require "lpeg.log_template"

local P, S = l.P, l.S

local message = template.compiler{
    signer = (1 - S" :")^1,
    to_parenthesis = (1 - P")")^1,
    view = (1 - P": ")^1,
}

local server = message "{dns_addr:ip}#{dns_port:number}"
local client = message "{dns_client_addr:ip}#{dns_client_port:number}"
local query = message "{dns_name}/{dns_type}/{dns_class}': " * server * -1

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "{dns_error=lame server} resolving '{dns_name}' (in '{dns_domain}'?): " * server * -1,
    -- Older versions put the error into parentheses.
    message "error ({dns_error}) resolving '" * query,
    message "{dns_error} resolving '" * query,
    message "{dns_error=DNS format error} from " * server * message " resolving {dns_name}/"
        * syslog.capture_until("dns_type", P" for client " + ":")
        * (" for client " * client)^-1
        * message ": {dns_message:rest}",
    message "{dns_error=skipping nameserver} '"
        * message "{dns_nameserver}' because it is a CNAME, while resolving '{dns_name}'{$}",
    message "client " * client
        * message "/key {dns_client_signer:signer}"^-1
        * message " ({dns_name:to_parenthesis})"^-1
        * message ": view {dns_view:view}"^-1
        * message ": {dns_message:rest}",
    message "success resolving '{dns_name}/{dns_type}' (in '{dns_domain}'?) after "
        * message "{dns_message:rest}",
    message "zone {dns_domain}/{dns_class}/{dns_view}: {dns_message=sending notifies}"
        * message " (serial {dns_serial:number}){$}",
    message "clients-per-query decreased to {dns_clients_per_query:number}{$}",
})

return M
