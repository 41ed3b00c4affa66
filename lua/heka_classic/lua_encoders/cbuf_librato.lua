--[[
Circular buffers that filters send, as gauges for Librato's metrics API: each row once, when it is complete. The first time
that a buffer is seen all rows but the newest are sent, later those that are complete since. A buffer that has no new row is
passed over.

  {"gauges":[{"value":12,"measure_time":1410824950,"name":"HTTP_200","source":"web1"}]}

  [librato_encoder]
  type = "SandboxEncoder"
  filename = "lua_encoders/cbuf_librato.lua"
  preserve_data = true     # or rows are sent again after a restart
    [librato_encoder.config]
    message_key = "%{Logger}:%{payload_name}"    # tells buffers apart; see msg_interpolate; this is the default

  [librato]
  type = "HttpOutput"
  message_matcher = "Type == 'heka.sandbox-output' && Fields[payload_type] == 'cbuf'"
  encoder = "librato_encoder"
  address = "https://metrics-api.librato.com/v1/metrics"
--]]

local cjson = require "cjson"
local math = require "math"
local string = require "string"
local interpolate = require("msg_interpolate").interpolate_from_msg

-- What empty cells are written as, and what is no value for a gauge.
local NO_VALUE = {nan = true, ["-nan"] = true, inf = true, ["-inf"] = true}

-- Preserved: by message key the time of the buffer that was sent last.
last_times = {}

local message_key = read_config("message_key") or "%{Logger}:%{payload_name}"

local function is_number(value)
    return type(value) == "number" and value > -math.huge and value < math.huge
end

local function is_header(header)
    local columns = header.column_info
    if type(columns) ~= "table" or header.columns ~= #columns then return false end
    for _, column in ipairs(columns) do
        if type(column) ~= "table" or type(column.name) ~= "string" then return false end
    end
    return is_number(header.time) and is_number(header.rows) and is_number(header.seconds_per_row)
end

-- A buffer's header and the array of its rows; nothing for what is no buffer. A line of annotations may come first.
local function parse_buffer(text)
    local header
    local rows = {}
    for line in string.gmatch(text, "[^\n]+") do
        if header then
            rows[#rows + 1] = line
        else
            local ok, value = pcall(cjson.decode, line)
            if not ok or type(value) ~= "table" then return end
            if is_header(value) then
                header = value
            elseif not value.annotations then
                return
            end
        end
    end
    if #rows >= 3 and #rows == header.rows then return header, rows end
end

-- The first row to send: nothing when there is none, false when the buffer does not follow on the one before.
local function first_new_row(header, last_time)
    if not last_time then return 1 end
    local elapsed = (header.time - last_time) / header.seconds_per_row
    if elapsed == 0 then return end
    if not (elapsed > 0 and elapsed % 1 == 0) then return false end
    -- The newest row of the last buffer was not sent.
    return elapsed < header.rows - 1 and header.rows - elapsed or 1
end

-- Adds a gauge for each column of a row that has a value; false when a cell is no number.
local function add_gauges(gauges, row, columns, time, source)
    local cells = string.gmatch(row, "[^\t]+")
    for _, column in ipairs(columns) do
        local cell = cells()
        if not cell then return false end
        if not NO_VALUE[cell] then
            local value = tonumber(cell)
            if not is_number(value) then return false end
            gauges[#gauges + 1] = {value = value, measure_time = time, name = column.name, source = source}
        end
    end
    return true
end

function process_message()
    local header, rows = parse_buffer(read_message("Payload"))
    if not header then return -1 end

    local key = interpolate(message_key)
    local first = first_new_row(header, last_times[key])
    if first == nil then return -2 end
    if not first then return -1 end

    local gauges = {}
    local source = read_message("Hostname")
    for i = first, header.rows - 1 do
        local time = header.time + (i - 1) * header.seconds_per_row
        if not add_gauges(gauges, rows[i], header.column_info, time, source) then return -1 end
    end
    if #gauges == 0 then return -2 end

    inject_payload("json", "output", cjson.encode({gauges = gauges}))
    last_times[key] = header.time
    return 0
end
