--[[
Messages of PAM modules. Programs that use PAM log them under their own names: cron, su and sudo
try this grammar after their own.

Exports
  syslog_grammar   captures a table

Captures
  all messages   pam_module, pam_service, pam_type
  sessions       pam_action ("session opened", "session closed"), user_name; when opened also
                 login_name (who opened it), uid (number)
  failures       pam_action ("authentication failure"), logname, uid and euid (numbers), tty, ruser,
                 rhost, user (if PAM logs one)
  check pass     user_name (if PAM logs one)
--]]

local l = require "lpeg"
local syslog = require "lpeg.syslog"
local template = require "lpeg.log_template"

local P = l.P

local message = template.compiler{ module = "pam_" * (1 - P"(")^1 }

-- Behind the remote host stand two spaces and the user, or one space that a log may have trimmed.
local remote_host = syslog.capture_until("rhost", P"  user=" + P" " * -1)
    * (" " * message " user={user:rest}"^-1 + -1)

local M = {}

M.syslog_grammar = l.Ct(message "{pam_module:module}({pam_service}:{pam_type}): " * template.choice{
    message "{pam_action=session opened} for user {user_name} by {login_name}(uid={uid:number})",
    message "{pam_action=session closed} for user {user_name:rest}",
    message "{pam_action=authentication failure}; logname={logname} uid={uid:number}"
        * message " euid={euid:number} tty={tty} ruser={ruser} rhost=" * remote_host,
    message "check pass; user " * message "({user_name}) "^-1 * "unknown",
})

return M
