--[[
What inputs that read lines of text have in common: records of one or more lines, decoded by what the configuration says.

  load()
      Reads the configuration. Returns a function of an open file and of `advance`, which reads the file to its end, decodes
      each record, and calls advance(bytes) behind each with how much of the file it was. The function returns a text that
      says how much there was.

Configuration:

  decoder_module = "decoders.payload"  -- default; any entry that lpeg.sub_decoder_util takes
  printf_messages = nil                -- see lpeg.printf
  default_headers = nil                -- message to start from, its Fields as a hash
  delimiter = nil                      -- Lua pattern. "^..." matches the first line of a record, anything else, "^$" too,
                                       -- the last line of one. Without it each line is a record
  send_decode_failures = false         -- true: a record that cannot be decoded becomes a message of the Type "error.decode",
                                       -- its Payload what was wrong, Fields[data] the record
--]]

local string = require "string"
local table = require "table"
local sub_decoder_util = require "lpeg.sub_decoder_util"

local assert, inject_message, pcall, print, tostring, type =
    assert, inject_message, pcall, print, tostring, type
local find, format = string.find, string.format

local M = {}

-- A function that decodes a record, and says whether it could.
local function load_decode()
    local decode = sub_decoder_util.load_decoder(
        read_config("decoder_module") or "decoders.payload", read_config("printf_messages"))
    local default_headers = read_config("default_headers")
    assert(default_headers == nil or type(default_headers) == "table", "invalid default_headers cfg")
    local send_failures = read_config("send_decode_failures")

    return function(record)
        local ok, err = pcall(decode, record, default_headers)
        if ok and not err then return true end
        if send_failures then
            local failure = {Type = "error.decode", Payload = tostring(err), Fields = {data = record}}
            local sent, why = pcall(inject_message, failure)
            if not sent then print("a decode failure could not be injected:", why) end
        end
        return false
    end
end

local function line_reader(decode)
    return function(file, advance)
        local lines = 0
        for line in file:lines() do
            decode(line)
            advance(#line + 1)
            lines = lines + 1
        end
        return format("processed %d lines", lines)
    end
end

local function record_reader(decode, delimiter)
    local begins_record = find(delimiter, "^%^") and delimiter ~= "^$"

    return function(file, advance)
        local lines, records = 0, 0
        local parts, bytes = {}, 0
        local function add(line)
            parts[#parts + 1] = line
            bytes = bytes + #line + 1
        end
        local function finish()
            if #parts == 0 then return end
            if decode(table.concat(parts, "\n")) then records = records + 1 end
            advance(bytes)
            parts, bytes = {}, 0
        end

        for line in file:lines() do
            lines = lines + 1
            if not find(line, delimiter) then
                add(line)
            elseif begins_record then
                finish()
                add(line)
            else
                add(line)
                finish()
            end
        end
        finish()
        return format("processed %d lines %d records", lines, records)
    end
end

function M.load()
    local delimiter = read_config("delimiter")
    local decode = load_decode()
    if not delimiter then return line_reader(decode) end
    assert(type(delimiter) == "string", "delimiter must be nil or a string")
    return record_reader(decode, delimiter)
end

return M
