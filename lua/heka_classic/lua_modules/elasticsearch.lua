--[[
The line that goes before each document in a request to Elasticsearch's bulk API.

  bulkapi_index_json(index, type_name, id, ns)
      {"index":{"_index":index,"_type":type_name,"_id":id}} as JSON text, without those that are nil. "%{...}" in them stands
      for what msg_interpolate puts there, of the current message and of the time ns (nil: now).

An encoder makes them settings:

  [es_payload]
  type = "SandboxEncoder"
  filename = "lua_encoders/es_payload.lua"
    [es_payload.config]
    index = "%{Logger}-%{%Y.%m.%d}"
    type_name = "%{Type}"
    es_index_from_timestamp = true
--]]

local cjson = require "cjson"
local interpolate = require("msg_interpolate").interpolate_from_msg

local M = {}

function M.bulkapi_index_json(index, type_name, id, ns)
    local seconds = ns and ns / 1e9
    local place = {}
    if index then place._index = interpolate(index, seconds) end
    if type_name then place._type = interpolate(type_name, seconds) end
    if id then place._id = interpolate(id, seconds) end
    return cjson.encode({index = place})
end

return M
