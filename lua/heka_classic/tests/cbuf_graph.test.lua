-- Tests of cbuf_graph, without a detector of anomalies: what it finds is what a test says.
local sent = {}
function inject_payload(payload_type, name, ...)
    local text = {}
    for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
    sent[#sent + 1] = {payload_type, name, text}
end

local anomaly = require "anomaly"
local annotation = require "annotation"
local alert = require "alert"
local cbuf_graph = require "cbuf_graph"
require "string"
require "table"

local HOUR = 3600e9

local function buffer(name)
    return {format = function(_, form) return name .. " as " .. form end}
end

local found, looked_at
anomaly.detect = function(ns, title)
    looked_at[#looked_at + 1] = title
    if found[title] then return found[title], {annotation.create(ns, 1, "A", found[title])} end
end

local function reset()
    sent, found, looked_at = {}, {}, {}
    _LAST_ALERT, _ANNOTATIONS = 0, {}
    alert.set_throttle(HOUR)
end

local function payload(i)
    return sent[i][1] .. ":" .. sent[i][2] .. ":" .. table.concat(sent[i][3])
end

function test_without_a_config_a_graph_is_the_buffer()
    reset()
    annotation.add("G", 2 * HOUR, 1, "A", "text")
    cbuf_graph.inject(2 * HOUR, "G", buffer("b"), nil)
    assert(#sent == 1 and #looked_at == 0)
    assert(payload(1) == "cbuf:G:b as cbuf")
end

function test_with_a_config_annotations_stand_before_the_buffer()
    reset()
    annotation.add("G", 2 * HOUR, 1, "A", "text")
    cbuf_graph.inject(2 * HOUR, "G", buffer("b"), {})
    assert(#sent == 1)
    assert(sent[1][3][1] == annotation.prune("G", 2 * HOUR) and sent[1][3][2] == "b as cbuf")
end

function test_a_graph_without_annotations_is_the_buffer()
    reset()
    cbuf_graph.inject(2 * HOUR, "G", buffer("b"), {})
    assert(payload(1) == "cbuf:G:b as cbuf")
end

function test_what_is_found_is_an_alert_before_the_graph_and_an_annotation()
    reset()
    found.G = "odd"
    cbuf_graph.inject(2 * HOUR, "G", buffer("b"), {})
    assert(#sent == 2 and payload(1) == "alert::odd")
    assert(string.find(sent[2][3][1], '"odd"', 1, true))
end

function test_what_is_found_in_several_graphs_is_one_alert()
    reset()
    found.G, found.I = "odd", "strange"
    local graphs = {}
    for i, title in ipairs{"G", "H", "I"} do graphs[i] = {title = title, buffer = buffer(title)} end
    cbuf_graph.inject_all(2 * HOUR, graphs, {})
    assert(table.concat(looked_at) == "GHI")
    assert(#sent == 4 and payload(1) == "alert::odd\nstrange" and payload(3) == "cbuf:H:H as cbuf")
    assert(#_ANNOTATIONS.G.annotations == 1 and _ANNOTATIONS.H == nil and #_ANNOTATIONS.I.annotations == 1)
end

function test_nothing_is_looked_for_while_alerts_are_throttled()
    reset()
    found.G = "odd"
    cbuf_graph.inject(2 * HOUR, "G", buffer("b"), {})
    cbuf_graph.inject(3 * HOUR, "G", buffer("b"), {})
    assert(#sent == 3 and sent[3][1] == "cbuf" and #looked_at == 1)
    cbuf_graph.inject(3 * HOUR + 1e9, "G", buffer("b"), {})
    assert(#sent == 5 and payload(4) == "alert::odd" and #looked_at == 2)
end
