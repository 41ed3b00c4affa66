--[[
Messages of useradd.

Exports
  syslog_grammar   captures a table

Captures
  user_name, and of a new user uid and gid (numbers), user_home, user_shell; of one who is added to
  a group or shadow group group_name
--]]

local l = require "lpeg"
local syslog = require "lpeg.syslog"
local template = require "lpeg.log_template"

local message = template.compiler()

local added_to = l.P"' to group '" + "' to shadow group '"

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "new user: name={user_name}, UID={uid:number}, GID={gid:number}"
        * message ", home={user_home}, shell={user_shell:rest}",
    message "add '" * syslog.capture_followed_by("user_name", added_to)
        * message "{group_name}'{$}",
})

return M
