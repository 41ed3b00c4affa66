--[[
Messages of groupdel.

Exports
  syslog_grammar   captures a table

Captures
  group_name, group_dbname (if logged: the file or database that it was removed from)
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"

local message = template.compiler()

local M = {}

M.syslog_grammar = l.Ct(
    message "group '{group_name}' removed" * message " from {group_dbname:rest}"^-1
)

return M
