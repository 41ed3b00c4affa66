--[[
The function that makes a table of a record, as a decoder's configuration names it.

  load(config, config_name)
      Returns a function of the record. Throws when there is none of that name.

  {module_name = "cjson", module_function = "decode"}          a module's function
  {module_name = "lpeg.logfmt", module_grammar = "grammar"}    a module's grammar
--]]

local lpeg = require "lpeg"

local assert, require, type = assert, require, type

local M = {}

function M.load(config, config_name)
    assert(type(config.module_name) == "string", config_name .. ".module_name must be a string")
    local source = require(config.module_name)
    local grammar = config.module_grammar
    if grammar then
        local pattern = source[grammar]
        assert(lpeg.type(pattern) == "pattern", config_name .. ".module_grammar is no grammar of the module")
        return function(data) return lpeg.match(pattern, data) end
    end
    local parse = config.module_function and source[config.module_function]
    assert(type(parse) == "function", config_name .. ".module_function is no function of the module")
    return parse
end

return M
