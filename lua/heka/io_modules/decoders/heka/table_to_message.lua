--[[
Makes a table of a record, with any module's function or grammar, and a message of the table: entries named like headers
become headers, all others fields, unless the map says otherwise.

  decode(data, default_headers)
      Returns nothing, or "parse failed" when the record gives no table. Throws what the module and inject_message throw.
      default_headers sets the headers and fields that the record does not.

Configuration:

  decoders_heka_table_to_message = {
      module_name = "lpeg.logfmt",
      module_grammar = "grammar",  -- or module_function: the name of a function
      map = {                      -- optional, see heka.util's table_to_message
          time = {header = "Timestamp"},
          len = {field = "length", type = "int", representation = "inches"},
      },
  }
--]]

local module_name = ...

local string = require "string"
local message_defaults = require "heka.message_defaults"
local table_source = require "heka.table_source"
local util = require "heka.util"

local inject_message, type = inject_message, type

local config_name = string.gsub(module_name, "%.", "_")
local config = read_config(config_name) or {}
assert(type(config) == "table", config_name .. " must be a table")
assert(config.map == nil or type(config.map) == "table", "cfg.map must be nil or a table")
local parse = table_source.load(config, config_name)

local M = {}

function M.decode(data, default_headers)
    local msg = util.table_to_message(parse(data), config.map)
    if not msg then return "parse failed" end
    message_defaults.fill(msg, default_headers)
    inject_message(msg)
end

return M
