--[[
Alerts as text that a person reads, in a mail for example:

  Timestamp: 2014-05-14T14:20:18Z
  Hostname: web1.example.com
  Plugin: http_status
  Alert: HTTP Status - algorithm: roc col: 1 msg: detected anomaly, standard deviation exceeds 1.5

  [AlertEncoder]
  type = "SandboxEncoder"
  filename = "lua_encoders/alert.lua"

  [alerts]
  type = "SmtpOutput"
  message_matcher = "Type == 'heka.sandbox-output' && Fields[payload_type] == 'alert'"
  send_from = "heka@example.com"
  send_to = ["operators@example.com"]
  encoder = "AlertEncoder"
--]]

local os = require "os"
local string = require "string"

function process_message()
    inject_payload("txt", "", string.format(
        "Timestamp: %s\nHostname: %s\nPlugin: %s\nAlert: %s\n",
        os.date("%Y-%m-%dT%H:%M:%SZ", read_message("Timestamp") / 1e9),
        read_message("Hostname"), read_message("Logger"), read_message("Payload")))
    return 0
end
