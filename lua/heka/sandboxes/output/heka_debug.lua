--[[
Writes messages so that people can read them, each header in a line of its own, as reStructuredText fields.

Configuration

  filename = "heka_debug.lua"
  message_matcher = "TRUE"
  output_file = "messages.rst"   -- default: standard output

  :Uuid: 0A1B2C3D-0001-0203-0405-060708090A0B
  :Timestamp: 2014-02-10T16:46:36.000000000Z
  :Type: access
  ...
  :Fields:
      | name: status type: 2 representation: <nil> value: 200,304
--]]

local io = require "io"
local table = require "table"
local msg_interpolate = require "heka.msg_interpolate"

local NONE = "<nil>"
local DEFAULT_SEVERITY = 7

local output_file = read_config("output_file")
local output = output_file and assert(io.open(output_file, "a+")) or io.output()

local function values_of(field)
    local texts = {}
    for i, value in ipairs(field.value) do texts[i] = tostring(value) end
    return table.concat(texts, ",")
end

local function write(msg)
    local ok, err = output:write(
        ":Uuid: ", msg_interpolate.get_uuid(msg.Uuid), "\n",
        ":Timestamp: ", msg_interpolate.get_timestamp(msg.Timestamp), "\n",
        ":Type: ", msg.Type or NONE, "\n",
        ":Logger: ", msg.Logger or NONE, "\n",
        ":Severity: ", msg.Severity or DEFAULT_SEVERITY, "\n",
        ":Payload: ", msg.Payload or NONE, "\n",
        ":EnvVersion: ", msg.EnvVersion or NONE, "\n",
        ":Pid: ", msg.Pid or NONE, "\n",
        ":Hostname: ", msg.Hostname or NONE, "\n",
        ":Fields:\n")
    for _, field in ipairs(msg.Fields or {}) do
        if not ok then return nil, err end
        ok, err = output:write("    | name: ", field.name, " type: ", field.value_type or 0,
            " representation: ", field.representation or NONE, " value: ", values_of(field), "\n")
    end
    if ok then ok, err = output:write("\n") end
    if ok then ok, err = output:flush() end
    return ok, err
end

function process_message()
    local ok, err = write(decode_message(read_message("raw")))
    if not ok then return -1, err end
    return 0
end

function timer_event()
end
