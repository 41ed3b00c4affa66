--[[
Runs an encoder module on every message.

Configuration
  type               = "SandboxEncoder"
  api                = "lsb"
  filename           = "module.lua"
  encoder_module     the name of a module, such as "encoders.heka.framed_protobuf"
and what the module itself is configured with.

What its encode() returns is written: a string, or a reference to a part of the message. When it returns nil the message is
left out; an error is why it could not be encoded.
--]]

local pcall, tostring, type = pcall, tostring, type
local inject_message = inject_message

local name = read_config("encoder_module")
if type(name) ~= "string" then error("encoder_module must be set to a string") end

local encode = require(name).encode
if not encode then error(name .. " does not provide an encode function") end

function process_message()
    local ok, data = pcall(encode)
    if not ok then return -1, type(data) == "string" and data or tostring(data) end
    if not data then return -2 end
    inject_message(data)
    return 0
end
