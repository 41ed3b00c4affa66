--[[
Messages of cron and crontab.

Exports
  syslog_grammar   captures a table

Captures
  cron_username, cron_event, cron_detail of "(user) EVENT (detail)"; else those of lpeg.linux.pam
--]]

local l = require "lpeg"
local template = require "lpeg.log_template"
local pam = require "lpeg.linux.pam"

local message = template.compiler()

local M = {}

M.syslog_grammar = l.Ct(message "({cron_username}) {cron_event} ({cron_detail}){$}")
    + pam.syslog_grammar

return M
