--[[
Takes a record for an encoded Heka message, and injects it byte for byte.

  decode(data)    throws what inject_message throws; default headers are not used

An input's configuration:

  decoder_module = "decoders.heka.protobuf"
--]]

local inject_message = inject_message

local M = {}

function M.decode(data)
    inject_message(data)
end

return M
