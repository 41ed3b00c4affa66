-- For anomaly.test.toml: a message's payload are the values of rows one after the other, "-" for one without; a timer holds
-- the anomaly_config against them.
require "circular_buffer"
local string = require "string"
local anomaly = require "anomaly"

local seconds_per_row = 60
local config = anomaly.parse_config(read_config("anomaly_config"))

values = circular_buffer.new(26, 1, seconds_per_row)

function process_message()
    local ns = read_message("Timestamp")
    for value in string.gmatch(read_message("Payload"), "%S+") do
        if value ~= "-" then values:add(ns, 1, tonumber(value)) end
        ns = ns + seconds_per_row * 1e9
    end
    return 0
end

function timer_event(ns)
    local text, annotations = anomaly.detect(ns, "values", values, config)
    if text then inject_payload("txt", "", text, "\n", annotations[1].x, " ", annotations[1].col) end
end
