--[[
What encoders for Elasticsearch's bulk API have in common: the line that goes before each document.

  bulkapi_index_json(index, type_name, id, ns)
      {"index":{"_index":index,"_type":type_name,"_id":id}} as JSON text, without those that are nil, the index in small
      letters. "%{...}" in them stands for what heka.msg_interpolate puts there, of the current message and of the time ns
      (nil: now).
  load_encoder_cfg()
      The configuration, with its defaults. Throws when it is missing or has a wrong type.

Configuration, with the defaults; the table itself must be there:

  encoders_elasticsearch_common = {
      index = "heka-%{%Y.%m.%d}",
      type_name = "message",
      id = nil,
      es_index_from_timestamp = false,   -- true: times in the three above are the message's
  }
--]]

local module_name = ...

local string = require "string"
local cjson = require "cjson"
local msg_interpolate = require "heka.msg_interpolate"

local assert, read_config, type = assert, read_config, type

local NS_PER_SECOND = 1e9

local config_name = string.gsub(module_name, "%.", "_")

local M = {}

function M.bulkapi_index_json(index, type_name, id, ns)
    local seconds = ns and ns / NS_PER_SECOND
    local function filled(text)
        return text and (msg_interpolate.interpolate(text, seconds))
    end
    local place = {_index = filled(index), _type = filled(type_name), _id = filled(id)}
    if place._index then place._index = string.lower(place._index) end
    return cjson.encode({index = place})
end

function M.load_encoder_cfg()
    local config = read_config(config_name)
    assert(type(config) == "table", config_name .. " must be a table")
    local function setting(name, kind, message, default)
        local value = config[name]
        assert(value == nil or type(value) == kind, message)
        if value == nil then return default end
        return value
    end
    return {
        es_index_from_timestamp = setting("es_index_from_timestamp", "boolean",
            "es_index_from_timestamp must be nil or boolean", false),
        index = setting("index", "string", "index must be nil or a string", "heka-%{%Y.%m.%d}"),
        type_name = setting("type_name", "string", "type_name must be nil or a string", "message"),
        id = setting("id", "string", "id must be nil or a string"),
    }
end

return M
