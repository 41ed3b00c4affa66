--[[
Decodes nginx access logs. The same can be had from lpeg.common_log_format#build_nginx_grammar as an alternative of
lpeg.sub_decoder_util, with the transforms of lpeg.heka; this module stays for configurations that name it.

  decode(data, default_headers, mutable)   injects a message with the line's variables as Fields and its time as Timestamp;
                                           "parse failed" for what is no such line

Configuration, needed:
  decoders_nginx_access = {
      log_format = '$remote_addr - $remote_user [$time_local] "$request" ...',  -- as in nginx.conf
      user_agent_transform = false,    -- user_agent_browser, _version and _os instead of http_user_agent
      user_agent_keep = false,         -- beside it
      user_agent_conditional = false,  -- beside it when the browser is not known
      payload_keep = false,            -- the line as Payload
  }
--]]

local module_name = ...
local string = require "string"
local common_log_format = require "lpeg.common_log_format"
local sub_decoder_util = require "lpeg.sub_decoder_util"

local assert, type = assert, type
local inject_message = inject_message

local config_name = string.gsub(module_name, "%.", "_")
local config = read_config(config_name)
assert(type(config) == "table", config_name .. " must be a table")

local grammar = common_log_format.build_nginx_grammar(config.log_format)

local M = {}

local function transform_user_agent(fields)
    local browser, version, os = common_log_format.normalize_user_agent(fields.http_user_agent)
    fields.user_agent_browser = browser
    fields.user_agent_version = version
    fields.user_agent_os = os
    if config.user_agent_keep or config.user_agent_conditional and not browser then return end
    fields.http_user_agent = nil
end

function M.decode(data, default_headers, mutable)
    local fields = grammar:match(data)
    if not fields then return "parse failed" end

    local msg = sub_decoder_util.copy_message(default_headers, mutable)
    if config.payload_keep then msg.Payload = data end
    if fields.http_user_agent and config.user_agent_transform then transform_user_agent(fields) end

    msg.Timestamp = fields.time
    fields.time = nil
    sub_decoder_util.add_fields(msg, fields)
    inject_message(msg)
end

return M
