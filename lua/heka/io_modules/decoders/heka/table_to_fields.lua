--[[
Makes a table of a record, with any module's function or grammar, and what it holds the Fields of a message: {a = {b = 1}}
gives the field "a.b".

  decode(data, default_headers)
      Returns nothing, or "parse failed" when the record gives no table. Throws what the module and inject_message throw.
      Headers are those of default_headers; its Fields are those that the record does not have.

Configuration:

  decoders_heka_table_to_fields = {
      module_name = "cjson",
      module_function = "decode",  -- or module_grammar: the name of a grammar
      separator = ".",             -- between the names of a nested table and its entry
      max_depth = 5,               -- tables as deep as this become JSON text; default: no limit
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
local separator, max_depth = config.separator, config.max_depth
assert(separator == nil or type(separator) == "string", config_name .. ".separator must be nil or a string")
assert(max_depth == nil or type(max_depth) == "number", config_name .. ".max_depth must be nil or a number")
local parse = table_source.load(config, config_name)

local M = {}

function M.decode(data, default_headers)
    local t = parse(data)
    if type(t) ~= "table" then return "parse failed" end

    local msg = {Fields = {}}
    util.table_to_fields(t, msg.Fields, nil, separator, max_depth)
    message_defaults.fill(msg, default_headers)
    inject_message(msg)
end

return M
