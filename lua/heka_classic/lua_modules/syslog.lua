--[[
Heka's name of lpeg.syslog.

Exports
  build_rsyslog_grammar, severity   as Heka 0.11 has them, and all else that lpeg.syslog exports
--]]

return require "lpeg.syslog"
