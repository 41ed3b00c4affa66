--[[
Gives an output the encoded message, without a frame.

  encode()    the message, as a reference that is written without a copy

An output's configuration:

  encoder_module = "encoders.heka.protobuf"
--]]

local raw = read_message("raw", nil, nil, true)

local M = {}

function M.encode()
    return raw
end

return M
