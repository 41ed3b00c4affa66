--[[
Payloads that are JSON documents already, each with the line before it that Elasticsearch's bulk API wants:

  {"index":{"_index":"web-2014.06.05","_type":"access"}}
  {"status":200,"request":"GET /"}

  [es_payload]
  type = "SandboxEncoder"
  filename = "lua_encoders/es_payload.lua"
    [es_payload.config]
    index = "heka-%{%Y.%m.%d}"         # default; "%{...}" as msg_interpolate has them
    type_name = "message"              # default; likewise
    id = "%{UUID}"                     # likewise; none unless set
    es_index_from_timestamp = false    # default; true: times are the message's, not those of now

  [ElasticSearchOutput]
  message_matcher = "Type == 'json'"
  encoder = "es_payload"
--]]

local string = require "string"
local elasticsearch = require "elasticsearch"

local index = read_config("index") or "heka-%{%Y.%m.%d}"
local type_name = read_config("type_name") or "message"
local id = read_config("id")
local uses_message_time = read_config("es_index_from_timestamp")

function process_message()
    local ns = uses_message_time and read_message("Timestamp") or nil
    local payload = read_message("Payload")
    add_to_payload(elasticsearch.bulkapi_index_json(index, type_name, id, ns), "\n", payload)
    if string.sub(payload, -1) ~= "\n" then add_to_payload("\n") end
    inject_payload()
    return 0
end
