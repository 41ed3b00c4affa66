--[=[
The statistics of a StatAccumInput as JSON for the HTTP API of InfluxDB before 0.9: a series per statistic, with the time in
milliseconds.

  [{"points":[[1408404848000,78271]],"name":"stats.counters.hits.count","columns":["time","value"]}]

  [statmetric_influx]
  type = "SandboxEncoder"
  filename = "lua_encoders/statmetric_influx.lua"

  [StatAccumInput]
  emit_in_fields = true    # needed: the statistics are taken from the message's fields

  [influx]
  type = "HttpOutput"
  message_matcher = "Type == 'heka.statmetric'"
  encoder = "statmetric_influx"
  address = "http://influx.example.com:8086/db/stats/series"
--]=]

local cjson = require "cjson"

local BYTES = 1

function process_message()
    local seconds = tonumber(read_message("Fields[timestamp]"))
    if not seconds then return -1 end

    local output = {}
    while true do
        local value_type, name, value = read_next_field()
        if not value_type then break end
        if value_type ~= BYTES and name ~= "timestamp" then
            output[#output + 1] = {points = {{seconds * 1000, value}}, name = name, columns = {"time", "value"}}
        end
    end
    inject_payload("json", "influx_stats", cjson.encode(output))
    return 0
end
