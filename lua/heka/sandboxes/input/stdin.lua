--[[
Reads standard input to its end, and decodes each line or each record of several lines.

Configuration

  filename = "stdin.lua"
  decoder_module = "decoders.syslog"     -- default: "decoders.payload"
  default_headers = {Type = "app"}       -- default: none
  delimiter = "^# Time:"                 -- default: each line is a record
  send_decode_failures = true            -- default: false
  printf_messages = {"lpeg.openssh_portable"}  -- default: none

heka.text_input explains them. There is no checkpoint. Returns 0 and how much was read.
--]]

local io = require "io"
local text_input = require "heka.text_input"

local read = text_input.load()

function process_message()
    return 0, read(io.stdin, function() end)
end
