--[[
Messages of sudo.

Exports
  syslog_grammar   captures a table

Captures
  sudo_message (the user, or what was wrong), sudo_command, and as far as logged: sudo_tty,
  sudo_pwd, sudo_user, sudo_group, sudo_tsid, sudo_env; else those of lpeg.linux.pam
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"
local pam = require "lpeg.linux.pam"

local message = template.compiler()

local M = {}

M.syslog_grammar = l.Ct(
    message "{sudo_message} : "
    * message "TTY={sudo_tty} ; "^-1
    * message "PWD={sudo_pwd} ; "^-1
    * message "USER={sudo_user} ; "^-1
    * message "GROUP={sudo_group} ; "^-1
    * message "TSID={sudo_tsid} ; "^-1
    * message "ENV={sudo_env} ; "^-1
    * message "COMMAND={sudo_command:rest}"
) + pam.syslog_grammar

return M
