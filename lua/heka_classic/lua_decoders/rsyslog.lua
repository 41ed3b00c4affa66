--[[
Lines that rsyslog writes with a template of text properties. Properties become fields, but for these:

  TIMESTAMP                                    the message's Timestamp
  PRI                                          Severity, and the field syslogfacility
  syslogseverity, syslogpriority (or -text)    Severity, when there is no PRI
  syslogtag                                    Pid, and the field programname
  HOSTNAME, source                             Hostname
  msg                                          Payload

A line of another form fails.

  [syslog]
  type = "LogstreamerInput"
  log_directory = "/var/log"
  file_match = 'syslog'
  decoder = "rsyslog"

  [rsyslog]
  type = "SandboxDecoder"
  filename = "lua_decoders/rsyslog.lua"
    [rsyslog.config]
    # needed; $template in rsyslog.conf
    template = '%TIMESTAMP% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\n'
    type = "syslog"           # the message's Type; the input's unless set
    hostname_keep = false     # default; true: the input's Hostname; the line's are fields hostname and source
    tz = "Europe/Berlin"      # the zone of times that do not say theirs; UTC unless set; the host applies it
--]]

local syslog = require "syslog"

local keeps_hostname = read_config("hostname_keep")
local grammar = syslog.build_rsyslog_grammar(read_config("template"))

local SEVERITIES = {"syslogseverity", "syslogseverity-text", "syslogpriority", "syslogpriority-text"}

local msg = {Type = read_config("type")}

-- Takes a value out of a table.
local function take(fields, name)
    local value = fields[name]
    fields[name] = nil
    return value
end

-- The first there is of them; all are taken.
local function take_severity(fields)
    local severity
    for _, name in ipairs(SEVERITIES) do
        local value = take(fields, name)
        if severity == nil then severity = value end
    end
    return severity
end

function process_message()
    local fields = grammar:match(read_message("Payload"))
    if not fields then return -1 end

    msg.Timestamp = take(fields, "timestamp")
    msg.Payload = take(fields, "msg")

    local priority = take(fields, "pri")
    if priority then
        msg.Severity, fields.syslogfacility = priority.severity, priority.facility
    else
        msg.Severity = take_severity(fields)
    end

    local tag = take(fields, "syslogtag")
    msg.Pid = tag and tag.pid
    if tag then fields.programname = tag.programname end

    if not keeps_hostname then
        local hostname, source = take(fields, "hostname"), take(fields, "source")
        msg.Hostname = hostname or source
    end

    msg.Fields = fields
    if not pcall(inject_message, msg) then return -1 end
    return 0
end
