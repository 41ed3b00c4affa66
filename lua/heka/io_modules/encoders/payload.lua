--[[
Gives an output the message's Payload as it is.

  encode()    the Payload, as a reference that is written without a copy

An output's configuration:

  encoder_module = "encoders.payload"
--]]

local payload = read_message("Payload", nil, nil, true)

local M = {}

function M.encode()
    return payload
end

return M
