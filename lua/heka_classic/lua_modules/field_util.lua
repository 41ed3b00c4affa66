--[[
Which fields of a message an encoder sends, and in what unit its time.

  field_map(names)                 `names` are field names between white space. Returns a table of the names to true; whether
                                   **all_base** is among them; whether **all** is. Either of the two adds all base fields.
                                   No names (nil or "") are all base fields.
  message_timestamp(precision)     the current message's time, rounded down, in "ms", "s", "m" or "h"; anything else is ms
  used_base_fields(skip_fields)    those base fields that are in the table skip_fields, as a table of names to true
  base_fields_list                 the base fields, likewise: the message's headers without Timestamp and Uuid
  base_fields_tag_list             the base fields that are good for tags

Settings that end up here:

  [influx_line]
  type = "SandboxEncoder"
  filename = "lua_encoders/schema_influx_line.lua"
    [influx_line.config]
    skip_fields = "**all_base** FilePath"
    timestamp_precision = "s"
--]]

local math = require "math"
local string = require "string"

local pairs, read_message = pairs, read_message

local NS_PER = {s = 1e9, m = 60e9, h = 3600e9}
local NS_PER_MS = 1e6

local M = {}

M.base_fields_list = {
    EnvVersion = true,
    Hostname = true,
    Logger = true,
    Payload = true,
    Pid = true,
    Severity = true,
    Type = true,
}

M.base_fields_tag_list = {
    Logger = true,
    Type = true,
    Severity = true,
    Hostname = true,
}

function M.field_map(names)
    if not names or names == "" then return M.base_fields_list, true, false end
    local fields = {}
    for name in string.gmatch(names, "%S+") do fields[name] = true end
    local all_base, all = fields["**all_base**"] == true, fields["**all**"] == true
    if all_base or all then
        for name in pairs(M.base_fields_list) do fields[name] = true end
    end
    return fields, all_base, all
end

function M.message_timestamp(precision)
    return math.floor(read_message("Timestamp") / (NS_PER[precision] or NS_PER_MS))
end

function M.used_base_fields(skip_fields)
    local fields = {}
    for name in pairs(skip_fields or {}) do
        if M.base_fields_list[name] then fields[name] = true end
    end
    return fields
end

return M
