--[[
Payloads that are JSON objects. Members become fields; members of members under their names joined by a separator, so that
{"extra":{"id":5}} is the field extra.id.

  [app]
  type = "LogstreamerInput"
  log_directory = "/srv/app/logs"
  file_match = 'app\.log'
  decoder = "json"

  [json]
  type = "SandboxDecoder"
  filename = "lua_decoders/json.lua"
    [json.config]
    type = "json"              # default; the message's Type
    payload_keep = false       # default; true: the JSON text as Payload
    separator = "."            # default; between joined names
    maximum_depth = 2          # members that are deeper become JSON text; no limit unless set

    map_fields = true          # false by default; true: members that become headers instead of fields, by their names:
    Payload = "msg"            # a text
    Uuid = "id"                # a text
    Type = "event"             # a text
    Logger = "logger"          # a text
    Hostname = "host"          # a text
    Severity = "severity"      # a number
    EnvVersion = "version"     # a number
    Pid = "pid"                # a number
    Timestamp = "time"         # nanoseconds since 1970, or with timestamp_format a text; also without map_fields
    timestamp_format = "%Y-%m-%dT%H:%M:%SZ"    # strftime

A member of another type than its header needs stays a field. A header that is mapped is never taken from type or
payload_keep: where the member is missing, the Payload is empty, and other headers are the input's.
--]]

local cjson = require "cjson"
local string = require "string"
local date_time = require "date_time"
local util = require "util"

local HEADER_TYPES = {
    Payload = "string",
    Uuid = "string",
    Type = "string",
    Logger = "string",
    Hostname = "string",
    Severity = "number",
    EnvVersion = "number",
    Pid = "number",
}

local separator = read_config("separator")
local maximum_depth = read_config("maximum_depth")
local keeps_payload = read_config("payload_keep")
local time_member = read_config("Timestamp")
local time_format = read_config("timestamp_format")
local time_grammar = time_format and date_time.build_strftime_grammar(time_format)

local member_of = {}
if read_config("map_fields") then
    for header in pairs(HEADER_TYPES) do member_of[header] = read_config(header) end
end

local msg = {Type = read_config("type") or "json"}

-- The 16 bytes of a uuid's usual text; other texts as they are.
local function uuid_bytes(text)
    local digits = string.gsub(text, "-", "")
    if not string.find(digits, "^%x+$") or #digits ~= 32 then return text end
    return (string.gsub(digits, "%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
end

local function take_headers(object)
    for header, member in pairs(member_of) do
        local value = object[member]
        msg[header] = nil
        if type(value) == HEADER_TYPES[header] then
            msg[header] = header == "Uuid" and uuid_bytes(value) or value
            object[member] = nil
        end
    end
end

-- False when there is a time that is none.
local function take_time(object)
    local value = object[time_member]
    object[time_member] = nil
    msg.Timestamp = value
    if value == nil or not time_grammar then return true end
    local time = (type(value) == "string" or type(value) == "number") and time_grammar:match(value)
    if not time then return false end
    msg.Timestamp = date_time.time_to_ns(time)
    return true
end

function process_message()
    local text = read_message("Payload")
    local ok, object = pcall(cjson.decode, text)
    if not ok then return -1, "Failed to decode JSON." end
    if type(object) ~= "table" then return -1, "Failed to flatten message." end

    if keeps_payload then msg.Payload = text end
    take_headers(object)
    if time_member and not take_time(object) then return -1, "Failed to decode timestamp." end

    local fields = {}
    if not pcall(util.table_to_fields, object, fields, nil, separator, maximum_depth) then
        return -1, "Failed to flatten message."
    end
    msg.Fields = fields
    if not pcall(inject_message, msg) then return -1, "Failed to inject message." end
    return 0
end
