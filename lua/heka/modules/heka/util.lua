--[[
Makes messages of Lua tables.

  table_to_fields(t, fields, parent, separator, max_depth)
      Puts what `t` holds into `fields`, nested tables under names put together with the separator (default "."):
      {a = 1, b = {c = 2}} gives {a = 1, ["b.c"] = 2}. Names begin with `parent`, if there is one. A table below
      max_depth names (default: no limit) becomes JSON text. A separator inside a name counts for the depth too.
      Userdata, such as JSON's null, is left out.

  table_to_message(t, map, msg, parent)
      Returns msg (default {}) with what `t` holds; nothing if `t` is no table. Without a map an entry named like a
      header becomes that header, any other a field: a nested table as JSON text. The map says otherwise, by name:

        map = {
            time = {header = "Timestamp"},
            len = {field = "length", type = "int", representation = "inches"},
            owner = {id = {field = "owner_id", type = "string"}},  -- an entry of a nested table
        }

      Entries of a nested table that its part of the map does not name become fields "owner.name". A type is "string",
      "bytes", "int", "double" or "boolean"; the value is converted: tables to JSON text; booleans to 1 and 0 as numbers;
      texts to the number that they are, or to 1 ("true", "TRUE") and 0 as booleans. What cannot be converted is left out.
--]]

local cjson = require "cjson"
local string = require "string"

local pairs, tonumber, tostring, type = pairs, tonumber, tostring, type
local find = string.find

local M = {}

-- ---------------------------------------------------------------------------------------------------------------------
-- Fields

local function occurrences(text, part)
    if part == "" then return 0 end
    local count, from = 0, 1
    while true do
        local first, last = find(text, part, from, true)
        if not first then return count end
        count, from = count + 1, last + 1
    end
end

-- `depth` is that of the names in `t`.
local function flatten(t, fields, parent, separator, max_depth, depth)
    for key, value in pairs(t) do
        local name = tostring(key)
        local names = depth + occurrences(name, separator)
        if parent then name = parent .. separator .. name end
        if type(value) == "table" then
            if max_depth and names >= max_depth then
                fields[name] = cjson.encode(value)
            else
                flatten(value, fields, name, separator, max_depth, names + 1)
            end
        elseif type(value) ~= "userdata" then
            fields[name] = value
        end
    end
end

function M.table_to_fields(t, fields, parent, separator, max_depth)
    if type(separator) ~= "string" then separator = "." end
    if type(max_depth) ~= "number" then max_depth = nil end
    local depth = 1
    if parent then depth = 2 + occurrences(parent, separator) end
    flatten(t, fields, parent, separator, max_depth, depth)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Messages

local HEADERS = {
    Uuid = true, Logger = true, Hostname = true, Type = true, Payload = true, EnvVersion = true, Timestamp = true,
    Pid = true, Severity = true,
}

-- Types on the wire, where the value itself does not say.
local VALUE_TYPES = {bytes = 1, int = 2}

local function to_text(value)
    local kind = type(value)
    if kind == "table" then return cjson.encode(value) end
    -- An object says itself what it is as text, when the message is encoded.
    if kind == "userdata" then return value end
    return tostring(value)
end

local function to_number(value)
    local kind = type(value)
    if kind == "number" then return value end
    if kind == "boolean" then return value and 1 or 0 end
    if kind == "string" then return tonumber(value) end
end

local function to_boolean(value)
    local kind = type(value)
    if kind == "boolean" then return value end
    if kind == "number" then return value ~= 0 end
    if kind == "string" then return (value == "true" or value == "TRUE") and 1 or 0 end
end

local CONVERSIONS = {string = to_text, bytes = to_text, int = to_number, double = to_number, boolean = to_boolean}

local function unconverted(value)
    if type(value) == "table" then return cjson.encode(value) end
    return value
end

local function set_field(msg, name, value, value_type, representation)
    value = (CONVERSIONS[value_type] or unconverted)(value)
    if value == nil then return end
    if not msg.Fields then msg.Fields = {} end
    local wire_type = VALUE_TYPES[value_type]
    if wire_type or representation then
        value = {value = value, value_type = wire_type, representation = representation}
    end
    msg.Fields[name] = value
end

function M.table_to_message(t, map, msg, parent)
    if type(t) ~= "table" then return end
    if type(map) ~= "table" then map = {} end
    msg = msg or {}
    local prefix = ""
    if parent and parent ~= "" then prefix = parent .. "." end

    for key, value in pairs(t) do
        local rule = map[key]
        local name = prefix .. tostring(key)
        if not rule then
            if HEADERS[name] then
                msg[name] = value
            else
                set_field(msg, name, value)
            end
        elseif type(rule.header) == "string" then
            msg[rule.header] = value
        elseif type(rule.field) == "string" then
            set_field(msg, rule.field, value, rule.type, rule.representation)
        else
            M.table_to_message(value, rule, msg, name)
        end
    end
    return msg
end

return M
