--[=[
Lines of an Apache access log. What Apache calls %a, %>s, %{Referer}i and so on goes into fields of the names that nginx
has for it (remote_addr, status, http_referer), so that filters work with both; %t is the message's time. A line of another
form fails.

  [apache]
  type = "LogstreamerInput"
  log_directory = "/var/log/apache2"
  file_match = 'access\.log'
  decoder = "apache_access"

  [apache_access]
  type = "SandboxDecoder"
  filename = "lua_decoders/apache_access.lua"
    [apache_access.config]
    log_format = '%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"'    # needed; LogFormat in Apache's settings
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

local grammar = common_log_format.build_apache_grammar(read_config("log_format"))

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
