--[[
Messages in the Graylog Extended Log Format, a JSON object each:

  {"version":"1.1","host":"web1.example.com","short_message":"It broke","timestamp":1385053862.3072,"level":1,"_user":9}

timestamp, which is needed, is the message's Timestamp, version its EnvVersion, host its Hostname and level its Severity. All
else are fields under their own names. What is no such object fails, and so does one with values that are no text, number,
boolean or array of one kind of these.

  [gelf]
  type = "LogstreamerInput"
  log_directory = "/var/log"
  file_match = 'application\.gelf'
  decoder = "graylog_extended"

  [graylog_extended]
  type = "SandboxDecoder"
  filename = "lua_decoders/graylog_extended.lua"
    [graylog_extended.config]
    type = "gelf"           # the message's Type; the input's unless set
    payload_keep = false    # default; true: the JSON text as Payload
--]]

local cjson = require "cjson"

local keeps_payload = read_config("payload_keep")

local msg = {Type = read_config("type")}

-- Takes a value out of a table.
local function take(object, name)
    local value = object[name]
    object[name] = nil
    return value
end

function process_message()
    local text = read_message("Payload")
    local ok, object = pcall(cjson.decode, text)
    if not ok or type(object) ~= "table" or type(object.timestamp) ~= "number" then return -1 end

    if keeps_payload then msg.Payload = text end
    msg.Timestamp = take(object, "timestamp") * 1e9
    msg.EnvVersion = take(object, "version")
    msg.Severity = take(object, "level")
    msg.Hostname = take(object, "host")
    msg.Fields = object
    if not pcall(inject_message, msg) then return -1 end
    return 0
end
