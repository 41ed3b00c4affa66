--[[
Follows a text file, plain or gzip, as it grows, and decodes each line or each record of several lines.

Configuration

  filename = "tail.lua"
  ticker_interval = 1                    -- seconds between two looks at what was appended
  input_filename = "app.log"             -- required
  follow = "descriptor"                  -- the file that was opened; "name" goes on with a new file of that name
  decoder_module = "decoders.syslog"     -- default: "decoders.payload"
  default_headers = {Type = "app"}       -- message to start from, its Fields as a hash; default: none
  delimiter = "^# Time:"                 -- Lua pattern: "^..." matches the first line of a record, anything else, "^$" too,
                                         -- the last line of one; default: each line is a record
  send_decode_failures = true            -- a record that cannot be decoded becomes a message of the Type "error.decode", its
                                         -- Payload what was wrong, Fields[data] the record; default: false
  printf_messages = {"lpeg.openssh_portable"}  -- default: none

A line counts when its newline is there; the record that a file ends in waits for more, or for the file to be replaced. The
checkpoint is "<inode>:<bytes>": how much of the content of which file was read.
--]]

require "gzfile"
require "lfs"
local string = require "string"
local table = require "table"
local sub_decoder_util = require "lpeg.sub_decoder_util"

local input_filename = read_config("input_filename") or error("input_filename is required")
local follow = read_config("follow") or "descriptor"
assert(follow == "descriptor" or follow == "name", "invalid follow cfg")
local default_headers = read_config("default_headers")
assert(default_headers == nil or type(default_headers) == "table", "invalid default_headers cfg")
local delimiter = read_config("delimiter")
assert(delimiter == nil or type(delimiter) == "string", "invalid delimiter cfg")
local send_decode_failures = read_config("send_decode_failures")

local decode = sub_decoder_util.load_decoder(
    read_config("decoder_module") or "decoders.payload", read_config("printf_messages"))
local begins_record = delimiter and string.find(delimiter, "^%^") and delimiter ~= "^$"

-- The file that is read, which one it is, and how much of it became messages.
local file
local inode, offset = 0, 0
-- It was said that there is none.
local missed = false
-- Lines of the record that is not finished.
local lines, bytes = {}, 0

local function write_checkpoint()
    inject_message(nil, string.format("%d:%d", inode, offset))
end

local function decode_record(record)
    local ok, err = pcall(decode, record, default_headers)
    if ok and not err or not send_decode_failures then return end
    local failure = {Type = "error.decode", Payload = tostring(err), Fields = {data = record}}
    local sent, why = pcall(inject_message, failure)
    if not sent then print("a decode failure could not be injected:", why) end
end

local function add(line)
    lines[#lines + 1] = line
    bytes = bytes + #line + 1
end

local function finish_record()
    if #lines == 0 then return end
    decode_record(table.concat(lines, "\n"))
    offset = offset + bytes
    lines, bytes = {}, 0
    write_checkpoint()
end

local function read_to_end()
    for line in file:lines_tail(true) do
        local marked = not delimiter or string.find(line, delimiter)
        if marked and begins_record then finish_record() end
        add(line)
        if marked and not begins_record then finish_record() end
    end
end

local function close()
    file:close()
    file = nil
    lines, bytes = {}, 0
end

local function current_inode()
    return lfs.attributes(input_filename, "ino")
end

local function open()
    local opened, err = gzfile.open(input_filename, "rb")
    if not opened then
        if not missed then print(input_filename, err) end
        missed = true
        return
    end
    file, missed = opened, false
    local found = current_inode() or 0
    if found ~= inode then inode, offset = found, 0 end
    if offset ~= 0 then file:seek("set", offset) end
    write_checkpoint()
end

local function read()
    read_to_end()
    if follow == "name" and current_inode() ~= inode then
        read_to_end() -- what was written to it before it was replaced, and after the last look
        finish_record()
        close()
    end
end

local function resume(checkpoint)
    if type(checkpoint) == "string" then
        local i, o = string.match(checkpoint, "^(%d+):(%d+)$")
        inode, offset = tonumber(i) or 0, tonumber(o) or 0
    elseif type(checkpoint) == "number" then -- of a time when the inode was not noted
        inode, offset = current_inode() or 0, checkpoint
    else
        inode, offset = 0, 0
    end
end

function process_message(checkpoint)
    if not file then
        resume(checkpoint)
        open()
    end
    if not file then return 0 end
    local ok, err = pcall(read)
    if ok then return 0 end
    if file then close() end
    return -1, tostring(err)
end
