--[[
Writes circular buffers that came as payloads to files of tab separated values, a line for each row.

Configuration

  filename = "cbuf2tsv.lua"
  message_matcher = "Fields[payload_type] == 'cbuf'"
  output_path = "cbufs"    -- folder; required

The file is <output_path>/<Logger>.<payload_name>.tsv, with the letters and digits of the name, at most 64, and "_" for a
slash in the Logger:

  Time (time_t)   Active_Users (count)
  1423440000      33031
  1423440001      33526

Returns 0, or -1 and what is wrong with the payload or the file.
--]]

local cjson = require "cjson"
local io = require "io"
local string = require "string"
local table = require "table"

local format, gmatch, gsub = string.format, string.gmatch, string.gsub

local LONGEST_NAME = 64
local LEAST_ROWS = 3

local output_path = assert(read_config("output_path"), "output_path must be specified")

local function is_header(json)
    return type(json) == "table" and type(json.time) == "number" and type(json.rows) == "number" and
        type(json.seconds_per_row) == "number" and type(json.column_info) == "table"
end

-- The line of names, or nil when a column has none.
local function heading(columns)
    local names = {"Time (time_t)"}
    for i, column in ipairs(columns) do
        if type(column) ~= "table" or type(column.name) ~= "string" or type(column.unit) ~= "string" then return nil end
        names[i + 1] = format("%s (%s)", column.name, column.unit)
    end
    return table.concat(names, "\t")
end

-- The file's text, or nil and what is wrong.
local function convert(payload)
    local header
    local lines = {}
    for line in gmatch(payload, ".-\n") do
        if header then
            lines[#lines + 1] = format("%d\t%s", (#lines - 1) * header.seconds_per_row + header.time, line)
        elseif string.sub(line, 1, 1) == "{" then
            local ok, json = pcall(cjson.decode, line)
            if not ok then return nil, json end
            if is_header(json) then
                header = json
                lines[1] = heading(json.column_info)
                if not lines[1] then return nil, "invalid column_info" end
                lines[1] = lines[1] .. "\n"
            end
        end
    end
    if not header then return nil, "malformed cbuf, no header" end

    local rows = #lines - 1
    if rows < LEAST_ROWS or rows ~= header.rows then
        return nil, format("incorrect number of rows expected: %d, received: %d", header.rows, rows)
    end
    return table.concat(lines)
end

function process_message()
    local text, err = convert(read_message("Payload") or "")
    if not text then return -1, err end

    local logger = gsub(read_message("Logger") or "", "/", "_")
    local name = gsub(tostring(read_message("Fields[payload_name]") or ""), "%W", "")
    local path = format("%s/%s.%s.tsv", output_path, logger, string.sub(name, 1, LONGEST_NAME))
    local file
    file, err = io.open(path, "w")
    if not file then return -1, err end
    local ok
    ok, err = file:write(text)
    file:close()
    if not ok then return -1, err end
    return 0
end

function timer_event()
end
