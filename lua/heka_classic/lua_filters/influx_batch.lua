--[[
Collects messages as lines for InfluxDB 0.9 and later, one for each value of each field, and injects them together every
tick as a payload with the name "influx_line". An HttpOutput can send it as it is.

  [influx_batch]
  type = "SandboxFilter"
  filename = "lua_filters/influx_batch.lua"
  message_matcher = "Type =~ /^stats\\./"
  ticker_interval = 10
    [influx_batch.config]
    decimal_precision = "6"                     # decimals of numbers
    name_prefix = "%{Hostname}"                 # begins each name, with msg_interpolate's variables; nothing unless set
    name_prefix_delimiter = "."                 # stands between it and the field's name; nothing unless set
    skip_fields = "**all_base** FilePath"       # fields that are left out; none unless set
    source_value_field = "load"                 # the only field that is sent, its name being the prefix; all unless set
    tag_fields = "**all_base**"                 # fields that become tags: names, **all_base** or **all**
    timestamp_precision = "ms"                  # ms, s, m or h
    value_field_key = "value"                   # what the value is called
    flush_count = 0                             # injects as soon as there are so many messages; 0: ticks alone

  [influxdb]
  type = "HttpOutput"
  message_matcher = "Fields[payload_name] == 'influx_line'"
  encoder = "PayloadEncoder"
  address = "http://influxdb.example.com:8086/write?db=stats&precision=ms"

What does not fit into output_limit any more goes out early.
--]]

local table = require "table"
local ts_line_protocol = require "ts_line_protocol"

local flush_count = tonumber(read_config("flush_count")) or 0
local config = ts_line_protocol.set_config {
    decimal_precision = read_config("decimal_precision") or "6",
    name_prefix = read_config("name_prefix"),
    name_prefix_delimiter = read_config("name_prefix_delimiter"),
    skip_fields_str = read_config("skip_fields"),
    source_value_field = read_config("source_value_field"),
    tag_fields_str = read_config("tag_fields") or "**all_base**",
    timestamp_precision = read_config("timestamp_precision") or "ms",
    value_field_key = read_config("value_field_key") or "value",
}

-- Messages since the last flush. Their lines are in the payload that waits to be injected.
local messages = 0

local function flush()
    -- Does nothing when the payload is empty.
    inject_payload("txt", "influx_line")
    messages = 0
end

function process_message()
    local lines = ts_line_protocol.influxdb_line_msg(config)
    if lines[1] then
        lines = table.concat(lines, "\n") .. "\n"
        if not pcall(add_to_payload, lines) then
            flush()
            add_to_payload(lines)
        end
    end
    messages = messages + 1
    if flush_count > 0 and messages >= flush_count then flush() end
    return 0
end

function timer_event(ns)
    flush()
end
