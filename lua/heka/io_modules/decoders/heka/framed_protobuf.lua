--[[
Takes a record for encoded Heka messages one after the other, each in its frame, and injects them byte for byte.

  decode(data)
      Returns nothing, or a text when there was no message in the record or when its last one is cut off; those before it are
      injected. A message cannot go on in the next record. Throws what inject_message throws; default headers are not used.

An input's configuration:

  decoder_module = "decoders.heka.framed_protobuf"
--]]

local module_name = ...

local math = require "math"
local string = require "string"

local create_stream_reader, inject_message = create_stream_reader, inject_message
local max, sub = math.max, string.sub

local reader
-- What a record left in the reader must not be taken for the beginning of the next one.
local reader_is_clean = false

local M = {}

function M.decode(data)
    if not reader_is_clean then reader = create_stream_reader(module_name) end
    reader_is_clean = false

    local messages, left, at = 0, #data, 1
    -- The reader says how much more it wants: it takes no more at once than its largest message.
    local found, consumed, wanted = reader:find_message(nil)
    while found or at <= #data do
        if found then
            inject_message(reader)
            messages = messages + 1
            found, consumed, wanted = reader:find_message(nil)
        else
            local piece = sub(data, at, at + max(wanted, 1) - 1)
            at = at + #piece
            found, consumed, wanted = reader:find_message(piece)
        end
        left = left - consumed
    end

    if left > 0 then return "the last message is cut off" end
    reader_is_clean = true
    if messages == 0 then return "no message found" end
end

return M
