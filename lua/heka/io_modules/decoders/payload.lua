--[[
Makes a record the Payload of a message.

  decode(data, default_headers, mutable)
      Injects default_headers with the record as its Payload. Throws what inject_message throws. default_headers is copied
      unless mutable is true.

An input uses it unless its configuration names another:

  decoder_module = "decoders.payload"
--]]

local sub_decoder_util = require "lpeg.sub_decoder_util"

local inject_message = inject_message

local M = {}

function M.decode(data, default_headers, mutable)
    local msg = sub_decoder_util.copy_message(default_headers, mutable)
    msg.Payload = data
    inject_message(msg)
end

return M
