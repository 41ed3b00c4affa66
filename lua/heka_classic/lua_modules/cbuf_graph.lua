--[[
Graphs: what filters with circular buffers do in timer_event.

  inject(ns, title, buffer, anomaly_config)
      Injects the buffer as a payload of the type "cbuf" with that title. With a config of anomaly.parse_config anomalies are
      looked for first, unless an alert would be throttled: what is found goes out as an alert and becomes an annotation of
      the graph, and the graph's annotations stand before the buffer.
  inject_all(ns, graphs, anomaly_config)
      The same for an array of {title = ..., buffer = ...}; all that is found is one alert.

How long a graph's annotations last is set with annotation.set_prune.

A filter that uses it is lua_filters/loadavg.lua:

  [loadavg]
  type = "SandboxFilter"
  filename = "lua_filters/loadavg.lua"
  message_matcher = "Type == 'stats.loadavg'"
  ticker_interval = 60
    [loadavg.config]
    anomaly_config = 'roc("LoadAvg Stats", 1, 15, 0, 2, true, false)'
--]]

local alert = require "alert"
local annotation = require "annotation"
local anomaly = require "anomaly"

local ipairs = ipairs

local M = {}

local function look_at(ns, graph, anomaly_config)
    if alert.throttled(ns) then return end
    local text, annotations = anomaly.detect(ns, graph.title, graph.buffer, anomaly_config)
    if not text then return end
    alert.queue(ns, text)
    annotation.concat(graph.title, annotations)
end

function M.inject_all(ns, graphs, anomaly_config)
    if anomaly_config then
        for _, graph in ipairs(graphs) do look_at(ns, graph, anomaly_config) end
        alert.send_queue(ns)
    end
    for _, graph in ipairs(graphs) do
        local annotations = anomaly_config and annotation.prune(graph.title, ns) or ""
        inject_payload("cbuf", graph.title, annotations, graph.buffer:format("cbuf"))
    end
end

function M.inject(ns, title, buffer, anomaly_config)
    M.inject_all(ns, {{title = title, buffer = buffer}}, anomaly_config)
end

return M
