--[[
Messages of groupadd.

Exports
  syslog_grammar   captures a table

Captures
  group_name, gid (number)
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"

local message = template.compiler()

local M = {}

M.syslog_grammar = l.Ct(message "new group: name={group_name}, GID={gid:number}{$}")

return M
