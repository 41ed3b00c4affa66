--[[
Writes messages to a file. When it is large enough it is renamed, the ones before it too, and a new one is begun.

Configuration

  filename = "logfile_rotate.lua"
  message_matcher = "TRUE"
  output_dir = "logs"                -- default: "/var/tmp"
  rotate_size = 1024 * 1024 * 1024   -- bytes; default: 1e9
  rotate_retention = 10              -- files that are kept besides the one that is written; default
  encoder_module = "encoders.heka.framed_protobuf"   -- default

Files are <output_dir>/<Logger>.log, the one before it <Logger>.log.1, and so on. Returns 0; -1 and what went wrong; -2 for a
message that the encoder skips; 1, which ends the plugin, when a file cannot be renamed.
--]]

local io = require "io"
local os = require "os"
local string = require "string"

local output_dir = read_config("output_dir") or "/var/tmp"
local rotate_size = read_config("rotate_size") or 1e9
assert(type(rotate_size) == "number", "rotate_size must be a number")
local rotate_retention = read_config("rotate_retention") or 10
assert(type(rotate_retention) == "number" and rotate_retention >= 1, "rotate_retention must be a number >= 1")

local encoder_module = read_config("encoder_module") or "encoders.heka.framed_protobuf"
local encode = require(encoder_module).encode
if not encode then error(encoder_module .. " does not provide an encode function") end

local path = string.format("%s/%s.log", output_dir, read_config("Logger"))
local file

local function exists(name)
    local found = io.open(name, "r")
    if found then found:close() end
    return found ~= nil
end

local function numbered(number)
    return number == 0 and path or string.format("%s.%d", path, number)
end

-- Nothing, or why a file could not be renamed. The oldest one is replaced.
local function rotate()
    for number = rotate_retention, 1, -1 do
        local newer = numbered(number - 1)
        if exists(newer) then
            local ok, err = os.rename(newer, numbered(number))
            if not ok then return err end
        end
    end
end

function process_message()
    if not file then
        local err
        file, err = io.open(path, "a")
        if not file then return -1, err end
    end

    local ok, data = pcall(encode)
    if not ok then return -1, data end
    if not data then return -2 end

    local written, err = file:write(data)
    if not written then return -1, err end
    if file:seek() >= rotate_size then
        file:close()
        file = nil
        err = rotate()
        if err then return 1, err end
    end
    return 0
end

function timer_event()
end
