--[[
Numbers in a message's fields as lines for Carbon, one for each value:

  dev.web1.stats.loadavg.1MinAvg 0.12 1434932023

Fields that hold text are sent too when it is a number; a message without any number is passed over. What is no letter or
digit in a field's name becomes "_"; ts_line_protocol says how further values of a name are called.

  [carbon_line]
  type = "SandboxEncoder"
  filename = "lua_encoders/schema_carbon_line.lua"
    [carbon_line.config]
    name_prefix = "%{Environment}.%{Hostname}.%{Type}"    # begins each name; msg_interpolate's "%{...}"; none unless set
    name_prefix_delimiter = "."                           # default; stands between it and the field's name
    skip_fields = "FilePath NumProcesses"                 # fields that are left out; none unless set
    source_value_field = "1MinAvg"                        # the only field that is sent, its name being the prefix alone;
                                                          # none unless set

  [CarbonOutput]
  message_matcher = "Type =~ /^stats/"
  encoder = "carbon_line"
  address = "127.0.0.1:2003"
--]]

local table = require "table"
local ts_line_protocol = require "ts_line_protocol"

local config = ts_line_protocol.set_config({
    carbon_format = true,
    timestamp_precision = "s",
    name_prefix = read_config("name_prefix"),
    name_prefix_delimiter = read_config("name_prefix_delimiter") or ".",
    skip_fields_str = read_config("skip_fields"),
    source_value_field = read_config("source_value_field"),
})

function process_message()
    local lines = ts_line_protocol.carbon_line_msg(config)
    if not lines[1] then return -2 end
    inject_payload("txt", "carbon_line", table.concat(lines, "\n") .. "\n")
    return 0
end
