--[[
Lines of BIND's query log. The message has the line as Payload and its time as Timestamp, and the fields that the module bind
captures: QueryName, QueryDomain, FullQuery, RecordType, RecordClass, QueryFlags, ClientIP, ClientEphemeralPort,
ServerRespondingIP, Timestamp. A line of another form fails.

BIND writes such lines to a channel with print-time, print-severity and print-category set to yes:

  channel query_log {
    file "/var/log/named/query.log" versions 3 size 5m;
    severity info; print-time yes; print-severity yes; print-category yes;
  };

  [bind]
  type = "LogstreamerInput"
  log_directory = "/var/log/named"
  file_match = 'query\.log'
  decoder = "bind_query_log"

  [bind_query_log]
  type = "SandboxDecoder"
  filename = "lua_decoders/bind_query_log.lua"
    [bind_query_log.config]
    type = "bind.query"    # the message's Type; the input's unless set
--]]

local lpeg = require "lpeg"
local bind = require "bind"

local grammar = lpeg.Ct(bind.query_log_grammar)

local msg = {Type = read_config("type")}

function process_message()
    local line = read_message("Payload")
    local fields = grammar:match(line)
    if not fields then return -1, "Failed to parse the BIND query log line." end
    msg.Timestamp = fields.Timestamp
    msg.Payload = line
    msg.Fields = fields
    inject_message(msg)
    return 0
end
