--[[
The file in which an output for Elasticsearch's bulk API gathers what it sends at once: for each document a line that says
where it goes, and a line that is the document. What is in it outlives the output.

  open(path)            the file, with what was left in it; an end that was not written whole is cut off. Throws when it
                        cannot be opened

  batch.count           documents in it
  batch:add(data)       appends one; returns true, or nil and why it could not
  batch:reader()        the bytes in it, a function that gives them piece by piece, and one that closes the file
  batch:clear()         empties it
--]]

local io = require "io"
local math = require "math"
local os = require "os"
local string = require "string"

local assert, find, print, setmetatable = assert, string.find, print, setmetatable

local PIECE_BYTES = 64 * 1024
local LINES_PER_DOCUMENT = 2

-- Counts lines, and the bytes of those that belong to whole documents.
local function measure(path)
    local lines, bytes = 0, 0
    local last_line = ""
    for line in io.lines(path) do
        lines, bytes = lines + 1, bytes + #line + 1
        last_line = line
    end
    local file = assert(io.open(path, "r"))
    local size = file:seek("end")
    file:close()

    local whole_lines, whole_bytes = lines, bytes
    if bytes > size then
        -- The last line has no newline.
        whole_lines, whole_bytes = lines - 1, bytes - #last_line - 1
    end
    return {lines = whole_lines, bytes = whole_bytes, size = size}
end

-- The line that begins at the last whole line's start says where a document goes that is not there any more.
local function last_whole_line(path, bytes)
    local at = 0
    for line in io.lines(path) do
        if at + #line + 1 == bytes then return line end
        at = at + #line + 1
    end
    return ""
end

local function copy_beginning(path, bytes)
    local shortened = path .. ".tmp"
    local from, to = assert(io.open(path, "r")), assert(io.open(shortened, "w"))
    while bytes > 0 do
        local piece = assert(from:read(math.min(bytes, PIECE_BYTES)))
        assert(to:write(piece))
        bytes = bytes - #piece
    end
    from:close()
    assert(to:close())
    assert(os.rename(shortened, path))
end

local function cut_torn_end(path)
    local whole = measure(path)
    if whole.lines % LINES_PER_DOCUMENT ~= 0 then
        local line = last_whole_line(path, whole.bytes)
        if find(line, '^{"index":') then
            whole.lines, whole.bytes = whole.lines - 1, whole.bytes - #line - 1
        end
    end
    if whole.bytes < whole.size then
        print(string.format("the last %d bytes of %s were not written whole, they are cut off",
            whole.size - whole.bytes, path))
        copy_beginning(path, whole.bytes)
    end
    return math.floor(whole.lines / LINES_PER_DOCUMENT)
end

local Batch = {}
Batch.__index = Batch

local M = {}

function M.open(path)
    assert(io.open(path, "a")):close()
    local count = cut_torn_end(path)
    return setmetatable({path = path, count = count, file = assert(io.open(path, "a"))}, Batch)
end

function Batch:add(data)
    local ok, err = self.file:write(data)
    if not ok then return nil, err end
    self.count = self.count + 1
    return true
end

function Batch:reader()
    assert(self.file:flush())
    local file = assert(io.open(self.path, "r"))
    local bytes = file:seek("end")
    file:seek("set")
    return bytes, function() return file:read(PIECE_BYTES) end, function() file:close() end
end

function Batch:clear()
    self.count = 0
    self.file:close()
    self.file = assert(io.open(self.path, "w"))
end

return M
