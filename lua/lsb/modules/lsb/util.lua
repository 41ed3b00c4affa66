--[[
Helpers for Lua tables.

Exports
  behead_array(index, array)
      Removes in place what stands before `index`; if that is beyond the end, everything.
  pairs_by_key(hash, less)
      An iterator over keys and values in the order of the keys, which `less` (default <) decides.
  merge_objects(dest, src)
      Returns `dest` with `src` merged into it: numbers are added, strings and booleans replaced,
      tables merged in place and in depth. What has another type than in `dest` is left out. If one
      of them is nil, returns the other.
--]]

local math = require "math"
local table = require "table"

local pairs, type = pairs, type

local M = {}

function M.behead_array(index, array)
    if index <= 1 then return end
    local length = #array
    local removed = index - 1
    for i = index, length do array[i - removed] = array[i] end
    for i = length, math.max(length - removed, 0) + 1, -1 do array[i] = nil end
end

function M.pairs_by_key(hash, less)
    local keys = {}
    for key in pairs(hash) do keys[#keys + 1] = key end
    table.sort(keys, less)
    local i = 0
    return function()
        i = i + 1
        local key = keys[i]
        if key ~= nil then return key, hash[key] end
    end
end

local merge_objects

local function merge_tables(dest, src)
    for key, value in pairs(src) do dest[key] = merge_objects(dest[key], value) end
    return dest
end

function merge_objects(dest, src)
    if dest == nil then return src end
    local kind = type(dest)
    if kind ~= type(src) then return dest end
    if kind == "number" then return dest + src end
    if kind == "string" or kind == "boolean" then return src end
    if kind == "table" then return merge_tables(dest, src) end
    return dest
end

M.merge_objects = merge_objects

return M
