--[[
Reads a text file to its end, and decodes each line or each record of several lines.

Configuration

  filename = "file.lua"
  input_filename = "app.log"             -- default: standard input
  decoder_module = "decoders.syslog"     -- default: "decoders.payload"
  default_headers = {Type = "app"}       -- default: none
  delimiter = "^# Time:"                 -- default: each line is a record
  send_decode_failures = true            -- default: false
  printf_messages = {"lpeg.openssh_portable"}  -- default: none

heka.text_input explains the last five. The checkpoint is the offset in bytes of the record that comes next; standard input
has none. Returns 0 and how much was read.
--]]

local io = require "io"
local text_input = require "heka.text_input"

local input_filename = read_config("input_filename")
local read = text_input.load()

local function ignore() end

function process_message(checkpoint)
    if not input_filename then return 0, read(io.stdin, ignore) end

    local file = assert(io.open(input_filename, "rb"))
    local offset = checkpoint or 0
    file:seek("set", offset)
    local summary = read(file, function(bytes)
        offset = offset + bytes
        inject_message(nil, offset)
    end)
    -- The last line may have no newline: what is appended later begins right behind it.
    local read_to = file:seek()
    if offset == read_to + 1 then inject_message(nil, read_to) end
    file:close()
    return 0, summary
end
