--[[
Takes a record for a message as JSON, as decoders.heka.json does, and changes it before it is injected.

  decode(data, default_headers)
      Returns nothing, or a text when the record is JSON but no object. Throws what cjson and inject_message throw.
      default_headers sets the headers and fields that the message does not have.

Configuration, with the defaults unless noted; what is done comes in this order:

  decoders_heka_json_mutate = {
      -- Fields[agent] becomes Fields[user_agent_browser], Fields[user_agent_version] and Fields[user_agent_os]
      user_agent_transforms = {agent = "user_agent_"},  -- default: {}
      user_agent_keep = false,         -- true: Fields[agent] stays
      user_agent_conditional = false,  -- true: it stays when no browser is found
      scrub_fields = {"secret"},       -- default: {}; Fields to remove
      -- The message's headers are those of default_headers, and what was decoded is in its Fields: headers under their
      -- names, its own fields under "Fields.name"
      preserve_metadata = false,
      preserve_metadata_use_timestamp = false,  -- true: its Timestamp becomes the message's
      flatten_delimiter = ".",                  -- of "Fields.name"
  }
--]]

local module_name = ...

local string = require "string"
local cjson = require "cjson"
local message_defaults = require "heka.message_defaults"

local inject_message, ipairs, next, pairs, type = inject_message, ipairs, next, pairs, type

local config_name = string.gsub(module_name, "%.", "_")
local config = read_config(config_name) or {}
assert(type(config) == "table", config_name .. " must be a table")

local function setting(name, kind, default)
    local value = config[name]
    if value == nil then return default end
    assert(type(value) == kind, config_name .. "." .. name .. " must be a " .. kind)
    return value
end

local transforms = setting("user_agent_transforms", "table", {})
local scrubbed = setting("scrub_fields", "table", {})
local fields_prefix = "Fields" .. setting("flatten_delimiter", "string", ".")

local normalize_user_agent
if next(transforms) then normalize_user_agent = require("lpeg.common_log_format").normalize_user_agent end

local function split_user_agents(fields)
    for name, prefix in pairs(transforms) do
        local agent = fields[name]
        if type(agent) == "string" then
            local browser, version, os = normalize_user_agent(agent)
            fields[prefix .. "browser"], fields[prefix .. "version"], fields[prefix .. "os"] = browser, version, os
            local keep = config.user_agent_keep or (config.user_agent_conditional and not browser)
            if not keep then fields[name] = nil end
        end
    end
end

local function as_fields(msg)
    if type(msg.Fields) == "table" then
        for name, value in pairs(msg.Fields) do msg[fields_prefix .. name] = value end
        msg.Fields = nil
    end
    return {Fields = msg, Timestamp = config.preserve_metadata_use_timestamp and msg.Timestamp or nil}
end

local M = {}

function M.decode(data, default_headers)
    local msg = cjson.decode(data)
    if type(msg) ~= "table" then return "not a JSON object" end

    local fields = msg.Fields
    if type(fields) == "table" then
        split_user_agents(fields)
        for _, name in ipairs(scrubbed) do fields[name] = nil end
    end
    if config.preserve_metadata then msg = as_fields(msg) end
    message_defaults.fill(msg, default_headers)
    inject_message(msg)
end

return M
