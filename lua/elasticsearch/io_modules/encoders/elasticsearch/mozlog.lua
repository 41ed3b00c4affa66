--[[
Gives an output a message for Elasticsearch's bulk API: the document is the message itself, its headers and fields by name.

  encode()    the line that says where it goes, and the document

  {"index":{"_index":"nginx-2014.02.10","_type":"access"}}
  {"Uuid":"...","Timestamp":"2014-02-10T16:46:36.000Z","Type":"access","Logger":"nginx","status":200}

A field of several values is an array. A field named like a header takes its place. What JSON has no form for, such as a
number that is none, is an error.

An output's configuration:

  encoder_module = "encoders.elasticsearch.mozlog"
  encoders_elasticsearch_common = {index = "%{Logger}-%{%Y.%m.%d}", type_name = "%{Type}"}   -- see that module
--]]

local cjson = require "cjson"
local common = require "encoders.elasticsearch.common"
local msg_interpolate = require "heka.msg_interpolate"

local decode_message, ipairs, read_message = decode_message, ipairs, read_message

local config = common.load_encoder_cfg()

local M = {}

function M.encode()
    local document = decode_message(read_message("raw"))
    local ns
    if config.es_index_from_timestamp then ns = document.Timestamp end
    local index = common.bulkapi_index_json(config.index, config.type_name, config.id, ns)

    document.Timestamp = msg_interpolate.get_timestamp_ms(document.Timestamp)
    document.Uuid = msg_interpolate.get_uuid(document.Uuid)
    local fields = document.Fields or {}
    document.Fields = nil
    for _, field in ipairs(fields) do
        local value = field.value
        if #value == 1 then value = value[1] end
        document[field.name] = value
    end
    return index .. "\n" .. cjson.encode(document) .. "\n"
end

return M
