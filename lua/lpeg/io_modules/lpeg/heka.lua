--[[
Transforms of messages, for decoder configurations (lpeg.sub_decoder_util). Each takes the message and a field's name.

  set_uuid set_timestamp set_logger set_hostname set_type set_envversion set_payload set_severity set_pid
                               moves the field's value to that header; without such a field the header is cleared
  remove_payload               clears the Payload, which decoders of alternatives set to the whole record
  add_normalized_user_agent    adds <name>_browser, <name>_version and <name>_os from a user agent's text

Configuration, none of it needed:
  lpeg_heka = {
      user_agent_normalized_field_name = "user_agent",  -- their name; default the field's
      user_agent_remove = true,                         -- removes the field when the browser is known
  }
--]]

local module_name = ...
local string = require "string"
local common_log_format = require "lpeg.common_log_format"

local type = type

local config = read_config((string.gsub(module_name, "%.", "_"))) or {}

local M = {}

local function set(header)
    return function(msg, name)
        msg[header] = msg.Fields[name]
        msg.Fields[name] = nil
    end
end

M.set_uuid = set "Uuid"
M.set_timestamp = set "Timestamp"
M.set_logger = set "Logger"
M.set_hostname = set "Hostname"
M.set_type = set "Type"
M.set_envversion = set "EnvVersion"
M.set_payload = set "Payload"
M.set_severity = set "Severity"
M.set_pid = set "Pid"

function M.remove_payload(msg)
    msg.Payload = nil
end

function M.add_normalized_user_agent(msg, name)
    local fields = msg.Fields
    local text = fields[name]
    if type(text) ~= "string" then return end

    local prefix = config.user_agent_normalized_field_name or name
    local browser, version, os = common_log_format.normalize_user_agent(text)
    fields[prefix .. "_browser"] = browser
    fields[prefix .. "_version"] = version
    fields[prefix .. "_os"] = os
    if browser and config.user_agent_remove then fields[name] = nil end
end

return M
