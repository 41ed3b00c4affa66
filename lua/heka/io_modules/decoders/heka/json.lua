--[[
Takes a record for a message as JSON, with the names that inject_message knows:
{"Timestamp":1e18,"Type":"t","Fields":{"status":200}}.

  decode(data)
      Returns nothing, or a text when the record is JSON but no object. Throws what cjson and inject_message throw; default
      headers are not used.

An input's configuration:

  decoder_module = "decoders.heka.json"
--]]

local cjson = require "cjson"

local inject_message, type = inject_message, type

local M = {}

function M.decode(data)
    local msg = cjson.decode(data)
    if type(msg) ~= "table" then return "not a JSON object" end
    inject_message(msg)
end

return M
