--[[
Graphs HTTP status codes, by hundreds, from a numeric field of messages such as those of lua_decoders/nginx_access.lua. What
is not between 100 and 599 counts as HTTP_UNKNOWN.

  [http_status]
  type = "SandboxFilter"
  filename = "lua_filters/http_status.lua"
  message_matcher = "Type == 'nginx.access'"
  ticker_interval = 60
  preserve_data = true
    [http_status.config]
    rows = 1440                # of the graph
    sec_per_row = 60           # seconds that a row stands for
    status_field = "status"    # name of the field
    alert_throttle = 3600      # seconds between two alerts, at the least
    preservation_version = 0   # to be raised with every change of rows or sec_per_row, when data are preserved
    # what counts as an anomaly, as the module anomaly has it; none unless set
    anomaly_config = 'roc("HTTP Status", 2, 15, 0, 1.5, true, false) mww_nonparametric("HTTP Status", 5, 15, 10, 0.8)'
--]]

-- One more than what is configured: data that older versions preserved have another layout.
_PRESERVATION_VERSION = (read_config("preservation_version") or 0) + 1

local alert = require "alert"
local annotation = require "annotation"
local anomaly = require "anomaly"
local cbuf_graph = require "cbuf_graph"
local math = require "math"
local string = require "string"
require "circular_buffer"

local TITLE = "HTTP Status"
local NAMES = {"HTTP_100", "HTTP_200", "HTTP_300", "HTTP_400", "HTTP_500", "HTTP_UNKNOWN"}
local UNKNOWN = #NAMES

local rows = read_config("rows") or 1440
local sec_per_row = read_config("sec_per_row") or 60
local variable = string.format("Fields[%s]", read_config("status_field") or "status")
local anomaly_config = anomaly.parse_config(read_config("anomaly_config"))
alert.set_throttle((read_config("alert_throttle") or 3600) * 1e9)
annotation.set_prune(TITLE, rows * sec_per_row * 1e9)

status = circular_buffer.new(rows, #NAMES, sec_per_row)
for col, name in ipairs(NAMES) do status:set_header(col, name) end

function process_message()
    local code = read_message(variable)
    if type(code) ~= "number" then return -1 end
    local is_known = code >= 100 and code < 600
    status:add(read_message("Timestamp"), is_known and math.floor(code / 100) or UNKNOWN, 1)
    return 0
end

function timer_event(ns)
    cbuf_graph.inject(ns, TITLE, status, anomaly_config)
end
