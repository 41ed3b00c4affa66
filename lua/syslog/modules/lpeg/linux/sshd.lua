--[[
Messages of OpenSSH's server. Kept for configurations that name it: the printf messages of
lpeg.openssh_portable cover more, under other names.

Exports
  syslog_grammar   captures a table

Captures
  authentication   sshd_authmsg (Accepted, Failed, Partial, Postponed), sshd_method, sshd_submethod,
                   remote_user, remote_addr (field), remote_port (number), sshd_info
  connections      remote_addr and local_addr (fields), remote_port and local_port (numbers),
                   disconnect_reason (number), disconnect_msg, remote_host, remote_user,
                   sshd_subsystem
  the server       signal, listen_address, listen_port (text), sshd_errorlevel ("error", "fatal"),
                   sshd_error, set
--]]

local l = require "lpeg"
local syslog = require "lpeg.syslog"
local template = require "lpeg.log_template"

local P, S = l.P, l.S

local message = template.compiler{
    method = (1 - S"/ ")^1,
    digits = l.digit^1,
    setting = "Set " * P(1)^1,
}

local remote = message "{remote_addr:ip} port {remote_port:number}"

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "{sshd_authmsg=Accepted|Failed|Partial|Postponed} {sshd_method:method}"
        * message "/{sshd_submethod:method}"^-1
        * " for " * P"invalid user "^-1
        * message "{remote_user} from " * remote * " ssh" * S"12"
        * message ": {sshd_info:rest}"^-1,
    message "Received disconnect from {remote_addr:ip}: "
        * message "{disconnect_reason:number}: "^-1
        * message "{disconnect_msg:rest}",
    message "reverse mapping checking getaddrinfo for {remote_host}[{remote_addr:ip}]"
        * message " failed - POSSIBLE BREAK-IN ATTEMPT!{$}",
    message "subsystem request for "
        * syslog.capture_followed_by("sshd_subsystem", " by user " + P(-1))
        * message "{remote_user:token}{$}",
    message "Connection from " * remote * message " on {local_addr:ip} port {local_port:number}{$}",
    message "Connection closed by {remote_addr:ip} [preauth]{$}",
    message "Invalid user {remote_user} from {remote_addr:ip}{$}",
    message "input_userauth_request: invalid user {remote_user} [preauth]{$}",
    message "Exiting on signal {signal:digits}{$}",
    message "Received signal {signal:digits}; terminating.{$}",
    message "Server listening on {listen_address:word} port {listen_port:digits}.{$}",
    message "Did not receive identification string from {remote_addr:ip}{$}",
    message "{sshd_errorlevel=error|fatal}: {sshd_error:rest}",
    message "{set:setting}",
})

return M
