--[[
Gives an output a message for Elasticsearch's bulk API, when its Payload is the document as JSON in one line.

  encode()    the line that says where it goes, and the Payload; nil when there is none

  {"index":{"_index":"nginx-2014.02.10","_type":"access"}}
  {"status":200}

An output's configuration:

  encoder_module = "encoders.elasticsearch.payload"
  encoders_elasticsearch_common = {index = "%{Logger}-%{%Y.%m.%d}", type_name = "%{Type}"}   -- see that module
--]]

local common = require "encoders.elasticsearch.common"
local string = require "string"

local read_message = read_message

local config = common.load_encoder_cfg()

local M = {}

function M.encode()
    local payload = read_message("Payload")
    if not payload then return nil end
    local ns
    if config.es_index_from_timestamp then ns = read_message("Timestamp") end
    local ending = string.sub(payload, -1) == "\n" and "" or "\n"
    return common.bulkapi_index_json(config.index, config.type_name, config.id, ns) .. "\n" .. payload .. ending
end

return M
