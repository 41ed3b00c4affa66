--[[
Helpers for tables, as Heka 0.11 has them.

  table_to_fields(t, fields, parent, separator, max_depth)
      puts the values of t and of the tables in it into `fields`, under their names joined by the separator ("."), after
      that of the parent if there is one. A table as deep as max_depth becomes JSON text. Userdata (JSON's null) is left out.
  behead_array(index, array)
      removes what comes before the index; all that is left moves to the front
--]]

local string = require "string"
local cjson = require "cjson"

local pairs, type = pairs, type
local find = string.find

local M = {}

local function occurrences(text, part)
    local count, position = 0, 1
    while part ~= "" do
        local first, last = find(text, part, position, true)
        if not first then break end
        count, position = count + 1, last + 1
    end
    return count
end

function M.table_to_fields(t, fields, parent, separator, max_depth)
    if type(separator) ~= "string" then separator = "." end
    local limited = type(max_depth) == "number"

    for key, value in pairs(t) do
        local name = parent and parent .. separator .. key or key
        local kind = type(value)
        if kind == "table" then
            if limited and occurrences(name, separator) + 1 >= max_depth then
                fields[name] = cjson.encode(value)
            else
                M.table_to_fields(value, fields, name, separator, max_depth)
            end
        elseif kind ~= "userdata" then
            fields[name] = value
        end
    end
end

function M.behead_array(index, array)
    if index <= 1 then return end
    local count = #array
    for i = 1, count do array[i] = array[i + index - 1] end
end

return M
