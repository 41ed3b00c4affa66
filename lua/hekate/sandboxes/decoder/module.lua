--[[
Runs a decoder module on the Payload of every message.

Configuration
  type               = "SandboxDecoder"
  api                = "lsb"
  filename           = "module.lua"
  decoder_module     the name of a module ("decoders.syslog"), or any other entry that lpeg.sub_decoder_util takes: a grammar
                     ("lpeg.syslog#name"), or an array of alternatives
  printf_messages    formats of log messages for those, see lpeg.printf
and what the module itself is configured with, such as decoders_syslog.

The module gets the Payload and, as headers for what it makes of it, those of the message, its Fields included. What it
injects takes the message's place. When it injects nothing the message is left out; a text that it returns, or an error, is
why the message could not be decoded.
--]]

local sub_decoders = require "lpeg.sub_decoder_util"

local decode_message, ipairs, pcall = decode_message, ipairs, pcall
local tostring, type = tostring, type

local entry = read_config("decoder_module")
if entry == nil then error("decoder_module must be set") end

local decode = sub_decoders.load_decoder(entry, read_config("printf_messages"))
local raw = read_message("raw", nil, nil, true)

-- Types of values that a field of that value has without saying so: string, double and boolean.
local PLAIN = {[0] = true, [3] = true, [4] = true}

-- A field as modules know it by its name: a value, or a table of it and what else there is to say. Nil without a value.
local function named_field(field)
    local value, value_type, representation = field.value, field.value_type, field.representation
    if value[2] == nil then value = value[1] end
    if value == nil or (not representation and PLAIN[value_type or 0]) then return value end
    return {value = value, value_type = value_type, representation = representation}
end

-- Decoded fields lie in a list; of those of one name the first counts.
local function named_fields(list)
    if not list then return nil end
    local fields = {}
    for _, field in ipairs(list) do
        if fields[field.name] == nil then fields[field.name] = named_field(field) end
    end
    return fields
end

function process_message()
    local headers = decode_message(raw)
    local data = headers.Payload or ""
    headers.Payload = nil
    headers.Uuid = nil -- each message that comes of it has one of its own
    headers.Fields = named_fields(headers.Fields)

    local ok, err = pcall(decode, data, headers, true)
    if ok and not err then return 0 end
    return -1, type(err) == "string" and err or tostring(err)
end
