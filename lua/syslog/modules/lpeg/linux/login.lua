--[[
Messages of login.

Exports
  syslog_grammar   captures a table

Captures
  failures      failcount (number), tty, from (if remote), user, pam_error
  root logins   tty, from (if remote)
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"

local message = template.compiler()

local terminal = message " on '{tty}'" * message " from '{from}'"^-1

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "FAILED LOGIN ({failcount:number})" * terminal
        * message " FOR '{user}', {pam_error:rest}",
    message "ROOT LOGIN " * terminal * -1,
})

return M
