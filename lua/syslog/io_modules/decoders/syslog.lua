--[[
Decodes lines that rsyslog wrote, or forwarded, with a known template.

Exports
  decode(data, default_headers, mutable)
      Injects one message; returns nothing, or a text that says why the line could not be decoded.
      Throws what inject_message throws. default_headers is a message (Fields as a hash) to start
      from; it is copied unless mutable is true.

Configuration: the table decoders_syslog
  template         the template of rsyslog.conf; default: rsyslog's traditional forward format
  keep_data        name of a field that gets the whole line
  printf_messages  see lpeg.sub_decoder_util
  sub_decoders     decoders for the message text by program name, see lpeg.sub_decoder_util

The message
  Timestamp, Hostname (hostname, else source) and Severity (of pri, else of the first severity or
  priority property) come from the template; those that it does not have are cleared, even if
  default_headers had them. Pid and Fields.programname come from syslogtag, Fields.syslogfacility
  from pri. Payload is msg; all other properties are Fields. A sub decoder gets msg and the message
  so far, and is chosen by syslogtag's program name (without syslogtag: by the empty name).
--]]

local module_name = ...

local string = require "string"
local syslog = require "lpeg.syslog"
local sub_decoder_util = require "lpeg.sub_decoder_util"

local ipairs = ipairs
local inject_message = inject_message

-- RSYSLOG_TraditionalForwardFormat
local FORWARD = "<%PRI%>%TIMESTAMP% %HOSTNAME% %syslogtag:1:32%%msg:::sp-if-no-1st-sp%%msg%"

local config_name = string.gsub(module_name, "%.", "_")
local config = read_config(config_name) or {}
assert(type(config) == "table", config_name .. " must be a table")

local keep_data = config.keep_data
if keep_data then
    assert(type(keep_data) == "string", "keep_data must be nil, or a string")
end

local grammar = syslog.build_rsyslog_grammar(config.template or FORWARD)
local sub_decoders =
    sub_decoder_util.load_sub_decoders(config.sub_decoders, config.printf_messages)

-- Where the severity is when there is no pri: the first that the template has.
local severities =
    { "syslogseverity", "syslogseverity-text", "syslogpriority", "syslogpriority-text" }

local function take(fields, name)
    local value = fields[name]
    fields[name] = nil
    return value
end

local function take_severity(fields)
    local pri = take(fields, "pri")
    if pri then
        fields.syslogfacility = pri.facility
        return pri.severity
    end
    local severity
    for _, name in ipairs(severities) do
        local value = take(fields, name)
        severity = severity or value
    end
    return severity
end

local function take_hostname(fields)
    local hostname = take(fields, "hostname")
    local source = take(fields, "source")
    return hostname or source
end

local M = {}

function M.decode(data, default_headers, mutable)
    local fields = grammar:match(data)
    if not fields then return module_name .. " parse failed" end

    local msg = sub_decoder_util.copy_message(default_headers, mutable)
    msg.Severity = take_severity(fields)
    local program = ""
    local tag = take(fields, "syslogtag")
    if tag then
        program = tag.programname
        fields.programname = program
        msg.Pid = tag.pid
    end
    msg.Timestamp = take(fields, "timestamp")
    msg.Hostname = take_hostname(fields)
    if keep_data then fields[keep_data] = data end
    local text = take(fields, "msg")
    sub_decoder_util.add_fields(msg, fields)

    local decode_text = sub_decoders[program]
    if not decode_text then
        msg.Payload = text
        inject_message(msg)
        return
    end
    local err = decode_text(text, msg, true)
    if err then return string.format("%s.%s %s", module_name, program, err) end
end

return M
