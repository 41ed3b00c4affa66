--[[
Reads a file of framed Heka messages to its end, and injects them byte for byte. What is no message in it is passed over.

Configuration

  filename = "heka_file.lua"
  input_filename = "messages.log"   -- default: standard input

The checkpoint is the offset in bytes behind the last message; standard input has none. Returns 0 and how many there were.
--]]

local io = require "io"
local string = require "string"

local input_filename = read_config("input_filename")

function process_message(checkpoint)
    local reader = create_stream_reader(read_config("Logger"))
    local file, offset = io.stdin, checkpoint or 0
    if input_filename then
        file = assert(io.open(input_filename, "rb"))
        file:seek("set", offset)
    end

    local messages = 0
    repeat
        local found, consumed, bytes_read = reader:find_message(file)
        offset = offset + consumed
        if found then
            messages = messages + 1
            inject_message(reader, input_filename and offset or nil)
        end
    until not found and (bytes_read == 0 or not is_running())

    if input_filename then file:close() end
    return 0, string.format("processed %d messages", messages)
end
