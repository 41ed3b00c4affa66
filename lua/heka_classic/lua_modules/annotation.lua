--[[
Annotations: notes at a time and a column of a circular buffer, which the dashboard shows on its graph.

  create(ns, col, short_text, text)      an annotation {text, x, shortText, col}; x is in milliseconds
  add(name, ns, col, short_text, text)   creates one and keeps it for the buffer with that payload name
  concat(name, annotations)              keeps those of an array
  prune(name, ns)                        drops those that are too old at that time; returns the others as the line
                                         {"annotations":[...]}, nothing for a name without any
  remove(name)                           forgets a name
  set_prune(name, ns)                    the age at which annotations are too old; a day unless set

What is kept is the global _ANNOTATIONS, so that preserve_data keeps it: by name {annotations = array, prune_duration = ns}.

A filter that sends annotations:

  [loadavg]
  type = "SandboxFilter"
  filename = "lua_filters/loadavg.lua"
  preserve_data = true
    [loadavg.config]
    anomaly_config = 'roc("LoadAvg", 1, 15, 0, 2, true, false)'
--]]

local cjson = require "cjson"
local math = require "math"
-- Scripts that annotate count on it.
require "table"

local ipairs = ipairs

-- Asked for anew in every function: a restored state puts another table in its place.
_ANNOTATIONS = {}

local DEFAULT_AGE = 24 * 3600e9

local M = {}

local function entry_of(name)
    local entry = _ANNOTATIONS[name]
    if not entry then
        entry = {annotations = {}, prune_duration = DEFAULT_AGE}
        _ANNOTATIONS[name] = entry
    end
    return entry
end

function M.create(ns, col, short_text, text)
    return {text = text, x = math.floor(ns / 1e6), shortText = short_text, col = col}
end

function M.concat(name, annotations)
    local kept = entry_of(name).annotations
    for _, annotation in ipairs(annotations) do kept[#kept + 1] = annotation end
end

function M.add(name, ns, col, short_text, text)
    M.concat(name, {M.create(ns, col, short_text, text)})
end

function M.remove(name)
    _ANNOTATIONS[name] = nil
end

function M.set_prune(name, ns)
    entry_of(name).prune_duration = ns
end

function M.prune(name, ns)
    local entry = _ANNOTATIONS[name]
    if not entry then return end
    local young = {}
    for _, annotation in ipairs(entry.annotations) do
        if annotation.x * 1e6 + entry.prune_duration > ns then young[#young + 1] = annotation end
    end
    entry.annotations = young
    return cjson.encode({annotations = young}) .. "\n"
end

return M
