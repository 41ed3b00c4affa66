--[[
Messages as lines for databases of time series: each value of each field is a line of its own.

  set_config(settings)         a config for the two functions below from a table of settings (nil: all defaults)
  influxdb_line_msg(config)    an array of InfluxDB lines of the current message:
                               <name>[,<tag>=<value>...] <key>=<value> <time>
  carbon_line_msg(config)      an array of Carbon lines of it: <name> <value> <time>, of numbers alone

Settings, with their defaults:
  carbon_format = false              for Carbon: what is no letter or digit in a field's name becomes "_"
  decimal_precision = "6"            decimals of numbers (InfluxDB)
  name_prefix = false                begins each name; msg_interpolate's "%{...}" in it are replaced
  name_prefix_delimiter = false      stands between it and the field's name
  skip_fields_str = false            fields that are left out, as field_util.field_map reads them
  source_value_field = false         the only field that is sent, its name being the prefix alone
  tag_fields_str = "**all_base**"    fields that become tags, likewise (InfluxDB)
  timestamp_precision = "ms"         ms, s, m or h
  value_field_key = "value"          <key> (InfluxDB)

Names: the second field of a name has "_fidx_1" behind it, the third "_fidx_2"; a field's second value "_vidx_1", its third
"_vidx_1_vidx_2" and so on. Of several values with one name the last counts.

What cannot be stored is left out: NaN and infinite numbers, and tags without a value. A line break in a name or a tag is a
blank (InfluxDB), white space in a Carbon name is "_", so that a message's texts cannot add lines of their own.

An encoder that uses it:

  [carbon_line]
  type = "SandboxEncoder"
  filename = "lua_encoders/schema_carbon_line.lua"
    [carbon_line.config]
    name_prefix = "%{Hostname}.%{Type}"
    skip_fields = "**all_base** FilePath"
--]]

local field_util = require "field_util"
local interpolate = require("msg_interpolate").interpolate_from_msg
local math = require "math"
local string = require "string"
local table = require "table"

local decode_message, read_message = decode_message, read_message
local error, ipairs, pairs, tonumber, tostring, type = error, ipairs, pairs, tonumber, tostring, type
local byte, find, format, gsub, sub = string.byte, string.find, string.format, string.gsub, string.sub

local DEFAULTS = {
    carbon_format = false,
    decimal_precision = "6",
    name_prefix = false,
    name_prefix_delimiter = false,
    skip_fields_str = false,
    source_value_field = false,
    tag_fields_str = "**all_base**",
    timestamp_precision = "ms",
    value_field_key = "value",
}

local M = {}

function M.set_config(settings)
    local config = {}
    for name, default in pairs(DEFAULTS) do
        config[name] = settings and settings[name] or default
    end
    if config.skip_fields_str then
        config.skip_fields, config.skip_fields_all_base = field_util.field_map(config.skip_fields_str)
        config.used_base_fields = field_util.used_base_fields(config.skip_fields)
    end
    config.used_tag_fields, config.tag_fields_all_base, config.tag_fields_all =
        field_util.field_map(config.tag_fields_str)
    if not find(config.decimal_precision, "^%d%d?$") then error("decimal_precision must be a number of 0 to 99") end
    config.decimal_format = "%." .. config.decimal_precision .. "f"
    config.interp_name_prefix = config.name_prefix ~= false and find(config.name_prefix, "%%{[%w%p]-}") ~= nil
    return config
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Fields and values

-- All values of the current message: an array of {original, field, name, value} with the field's name as the message has
-- it, as the database gets it, and the value's own name.
local function values_of(config)
    local found, seen = {}, {}
    local fields = decode_message(read_message("raw")).Fields
    for _, entry in ipairs(fields or {}) do
        local original = entry.name
        local field = config.carbon_format and gsub(original, "%W", "_") or original
        local before = seen[field] or 0
        seen[field] = before + 1
        local name = before > 0 and format("%s_fidx_%d", field, before) or field
        for i, value in ipairs(entry.value or {}) do
            if i > 1 then name = format("%s_vidx_%d", name, i - 1) end
            found[#found + 1] = {original = original, field = field, name = name, value = value}
        end
    end
    return found
end

-- The points in them: an array of their names, in the message's order, and their values by name.
local function points_of(found, config)
    local prefix = config.name_prefix or ""
    if config.interp_name_prefix then prefix = interpolate(prefix) end
    local start = prefix .. (config.name_prefix_delimiter or "")
    local skipped, source = config.skip_fields or {}, config.source_value_field

    local names, values = {}, {}
    local function set(name, value)
        if values[name] == nil then names[#names + 1] = name end
        values[name] = value
    end
    for _, item in ipairs(found) do
        if source then
            if item.field == source or item.original == source then set(prefix, item.value) end
        elseif not skipped[item.field] and not skipped[item.original] then
            set(start .. item.name, item.value)
        end
    end
    return names, values
end

local function is_storable(number)
    return number == number and number ~= math.huge and number ~= -math.huge
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Carbon

-- All digits of a whole number, fourteen of others; nil for what is no number.
local function carbon_value(value)
    if type(value) == "number" then
        if not is_storable(value) then return end
        local is_whole = value % 1 == 0 and value < 2^53 and value > -2^53
        return is_whole and format("%.0f", value) or tostring(value)
    end
    if type(value) == "string" and find(value, "^-?[%d.]+$") and tonumber(value) then return value end
end

function M.carbon_line_msg(config)
    local time = field_util.message_timestamp(config.timestamp_precision)
    local names, values = points_of(values_of(config), config)
    local lines = {}
    for _, name in ipairs(names) do
        local value = carbon_value(values[name])
        local metric = gsub(name, "[%s%c]", "_")
        if value then lines[#lines + 1] = format("%s %s %.0f", metric, value, time) end
    end
    return lines
end

-- ---------------------------------------------------------------------------------------------------------------------
-- InfluxDB

local BACKSLASH = 92

-- Backslashes at the end would escape what comes next, and cannot be escaped themselves.
local function escaped(text, special)
    text = gsub(tostring(text), "[\r\n]", " ")
    local last = #text
    while byte(text, last) == BACKSLASH do last = last - 1 end
    return (gsub(sub(text, 1, last), special, "\\%0"))
end

local NAME_SPECIAL = "[ ,]"
local TAG_SPECIAL = "[ ,=]"

-- Numbers always have decimals: the database refuses a whole number in a series of others.
local function influxdb_value(value, decimal_format)
    if type(value) == "string" then return '"' .. gsub(value, '[\\"]', "\\%0") .. '"' end
    if type(value) == "number" then return is_storable(value) and format(decimal_format, value) or nil end
    return tostring(value)
end

local function tags_of(found, config)
    local tags = {}
    local function add(name, value)
        if value == nil then return end
        local key, text = escaped(name, TAG_SPECIAL), escaped(value, TAG_SPECIAL)
        if key ~= "" and text ~= "" then tags[#tags + 1] = key .. "=" .. text end
    end
    local all = config.tag_fields_all
    for name in pairs(field_util.base_fields_tag_list) do
        if all or config.tag_fields_all_base or config.used_tag_fields[name] then add(name, read_message(name)) end
    end
    for _, item in ipairs(found) do
        if all or config.used_tag_fields[item.field] then add(item.name, item.value) end
    end
    return tags
end

function M.influxdb_line_msg(config)
    local time = field_util.message_timestamp(config.timestamp_precision)
    local found = values_of(config)
    local names, values = points_of(found, config)
    local tags = tags_of(found, config)
    tags = tags[1] and "," .. table.concat(tags, ",") or ""
    local lines = {}
    for _, name in ipairs(names) do
        local value = influxdb_value(values[name], config.decimal_format)
        if value then
            lines[#lines + 1] = format("%s%s %s=%s %.0f",
                escaped(name, NAME_SPECIAL), tags, config.value_field_key, value, time)
        end
    end
    return lines
end

return M
