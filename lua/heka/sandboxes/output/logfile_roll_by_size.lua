--[[
Writes messages to files that are numbered upwards: when one is large enough, the next number is begun.

Configuration

  filename = "logfile_roll_by_size.lua"
  message_matcher = "TRUE"
  preserve_data = true             -- else numbers begin with 0 again, and the old files go on
  output_dir = "logs"              -- default: "/var/tmp"
  roll_size = 1024 * 1024 * 1024   -- bytes; default: 1e9
  encoder_module = "encoders.heka.framed_protobuf"   -- default

Files are <output_dir>/<Logger>.<number>.log. Returns 0; -1 and what went wrong; -2 for a message that the encoder skips.
logfile_rotate.lua renames old files instead, and removes them.
--]]

local io = require "io"
local string = require "string"

file_num = 0

local output_dir = read_config("output_dir") or "/var/tmp"
local roll_size = read_config("roll_size") or 1e9
assert(type(roll_size) == "number", "roll_size must be a number")
local logger = read_config("Logger")

local encoder_module = read_config("encoder_module") or "encoders.heka.framed_protobuf"
local encode = require(encoder_module).encode
if not encode then error(encoder_module .. " does not provide an encode function") end

local file

function process_message()
    if not file then
        local err
        file, err = io.open(string.format("%s/%s.%d.log", output_dir, logger, file_num), "a")
        if not file then return -1, err end
    end

    local ok, data = pcall(encode)
    if not ok then return -1, data end
    if not data then return -2 end

    local written, err = file:write(data)
    if not written then return -1, err end
    if file:seek() >= roll_size then
        file:close()
        file = nil
        file_num = file_num + 1
    end
    return 0
end

function timer_event()
end
