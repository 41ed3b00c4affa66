--[[
A message's fields as lines for the write API of InfluxDB 0.9 and later, one for each value:

  1MinAvg,Hostname=web1,Environment=dev value=0.110000 1434932024

A message without fields to send is passed over. ts_line_protocol says how further values of a name are called.

  [influx_line]
  type = "SandboxEncoder"
  filename = "lua_encoders/schema_influx_line.lua"
    [influx_line.config]
    decimal_precision = "6"            # default; decimals of numbers, which always have some
    name_prefix = "%{Type}"            # begins each name; msg_interpolate's "%{...}"; none unless set
    name_prefix_delimiter = "."        # stands between it and the field's name; none unless set
    skip_fields = "FilePath"           # fields that are left out; none unless set
    source_value_field = "1MinAvg"     # the only field that is sent, its name being the prefix alone; none unless set
    tag_fields = "**all_base**"        # default: Logger, Type, Severity, Hostname; "**all**" is all fields too
    timestamp_precision = "ms"         # default; or s, m, h; the address below must say the same
    value_field_key = "value"          # default

  [influx]
  type = "HttpOutput"
  message_matcher = "Type =~ /^stats/"
  encoder = "influx_line"
  address = "http://influx.example.com:8086/write?db=stats&precision=ms"
--]]

local table = require "table"
local ts_line_protocol = require "ts_line_protocol"

local config = ts_line_protocol.set_config({
    decimal_precision = read_config("decimal_precision"),
    name_prefix = read_config("name_prefix"),
    name_prefix_delimiter = read_config("name_prefix_delimiter"),
    skip_fields_str = read_config("skip_fields"),
    source_value_field = read_config("source_value_field"),
    tag_fields_str = read_config("tag_fields"),
    timestamp_precision = read_config("timestamp_precision"),
    value_field_key = read_config("value_field_key"),
})

function process_message()
    local lines = ts_line_protocol.influxdb_line_msg(config)
    if not lines[1] then return -2 end
    inject_payload("txt", "influx_line", table.concat(lines, "\n") .. "\n")
    return 0
end
