--[[
Lines of nginx's error log: Timestamp, Severity, Pid, the text as Payload, and the fields tid and connection. A line of
another form fails.

  [nginx_errors]
  type = "LogstreamerInput"
  log_directory = "/var/log/nginx"
  file_match = 'error\.log'
  decoder = "nginx_error"

  [nginx_error]
  type = "SandboxDecoder"
  filename = "lua_decoders/nginx_error.lua"
    [nginx_error.config]
    tz = "America/Los_Angeles"    # the zone of the log's times; UTC unless set; the host applies it
    type = "nginx.error"          # default; the message's Type
    payload_keep = false          # default; true: the line as Payload, instead of its text
--]]

local common_log_format = require "common_log_format"

local msg_type = read_config("type") or "nginx.error"
local keeps_payload = read_config("payload_keep")

function process_message()
    local line = read_message("Payload")
    local msg = common_log_format.nginx_error_grammar:match(line)
    if not msg then return -1 end
    msg.Type = msg_type
    if keeps_payload then msg.Payload = line end
    inject_message(msg)
    return 0
end
