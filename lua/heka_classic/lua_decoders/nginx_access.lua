--[=[
Lines of an nginx access log: a field for each variable of its log_format; $time_local, $time_iso8601 or $msec is the
message's time. A line of another form fails.

  [nginx]
  type = "LogstreamerInput"
  log_directory = "/var/log/nginx"
  file_match = 'access\.log'
  decoder = "nginx_access"

  [nginx_access]
  type = "SandboxDecoder"
  filename = "lua_decoders/nginx_access.lua"
    [nginx_access.config]
    # needed; log_format in nginx.conf, in one line
    log_format = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_user_agent"'
    type = "combined"                 # the message's Type; the input's unless set
    user_agent_transform = false      # default; true: fields user_agent_browser, _version and _os for http_user_agent
    user_agent_keep = false           # default; true: http_user_agent as well
    user_agent_conditional = false    # default; true: http_user_agent as well, when its browser is not known
    payload_keep = false              # default; true: the line as Payload
--]=]

local common_log_format = require "common_log_format"

local transforms_agent = read_config("user_agent_transform")
local keeps_agent = read_config("user_agent_keep")
local keeps_unknown_agent = read_config("user_agent_conditional")
local keeps_payload = read_config("payload_keep")

local grammar = common_log_format.build_nginx_grammar(read_config("log_format"))

local msg = {Type = read_config("type")}

local function transform_agent(fields)
    local browser, version, os = common_log_format.normalize_user_agent(fields.http_user_agent)
    fields.user_agent_browser, fields.user_agent_version, fields.user_agent_os = browser, version, os
    if not (keeps_agent or keeps_unknown_agent and not browser) then fields.http_user_agent = nil end
end

function process_message()
    local line = read_message("Payload")
    local fields = grammar:match(line)
    if not fields then return -1 end

    msg.Timestamp, fields.time = fields.time, nil
    if keeps_payload then msg.Payload = line end
    if transforms_agent and fields.http_user_agent then transform_agent(fields) end
    msg.Fields = fields
    inject_message(msg)
    return 0
end
