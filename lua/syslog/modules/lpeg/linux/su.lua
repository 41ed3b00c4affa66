--[[
Messages of su.

Exports
  syslog_grammar   captures a table

Captures
  su_status ("Successful", "FAILED"), su_name (the new user), su_oldname
  pam_error
  pty, su_oldname, su_name of "+ tty old:new" and "- tty old:new"
  else those of lpeg.linux.pam
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"
local pam = require "lpeg.linux.pam"

local message = template.compiler()

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "{su_status=Successful|FAILED} su for {su_name} by {su_oldname:rest}",
    message "pam_authenticate: {pam_error:rest}",
    l.S"+-" * l.space * message "{pty} {su_oldname}:{su_name:rest}",
}) + pam.syslog_grammar

return M
