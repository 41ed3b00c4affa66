--[[
Messages of systemd-logind.

Exports
  syslog_grammar   captures a table

Captures
  sd_message ("SESSION_START", "SESSION_STOP"), session_id (number), and of a start user_id and
  session_type ("c", if the session's name begins with it)
--]]

local l = require "lpeg"
local syslog = require "lpeg.syslog"
local template = require "lpeg.log_template"

local message = template.compiler()

local function session(event)
    return l.Cg(l.Cc(event), "sd_message")
end

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    message "New session " * message "{session_type=c}"^-1 * message "{session_id:integer} of user "
        * syslog.capture_followed_by("user_id", "." * l.P(-1)) * session "SESSION_START",
    message "Removed session {session_id:integer}.{$}" * session "SESSION_STOP",
})

return M
