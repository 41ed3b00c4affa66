--[[
Gives an output the encoded message in its frame, so that messages can follow one another in a stream.

  encode()    the framed message, as a reference that is written without a copy

An output's configuration:

  encoder_module = "encoders.heka.framed_protobuf"
--]]

local framed = read_message("framed", nil, nil, true)

local M = {}

function M.encode()
    return framed
end

return M
