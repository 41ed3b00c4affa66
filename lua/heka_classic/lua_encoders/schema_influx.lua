--[=[
Messages as JSON for the HTTP API of InfluxDB before 0.9; schema_influx_line is for later ones. The time is in milliseconds.

  [{"points":[[1409378221000,"web1",5,"ssh"]],"name":"heka.syslog","columns":["time","Hostname","Severity","program"]}]

A field with several values is an array; the second field of a name is called name2. Fields of bytes are left out, and so is
a field Timestamp. With multi_series each field, also one of these, is a series of its own, "<series>.<name>", whose column
"value" has the field's first value.

  [influx_json]
  type = "SandboxEncoder"
  filename = "lua_encoders/schema_influx.lua"
    [influx_json.config]
    series = "series"              # default; %{Type}, %{Payload}, ... and %{any field} in it are replaced
    skip_fields = "Pid Payload"    # fields and headers that are left out; none unless set
    multi_series = false           # default
    exclude_base_fields = false    # default; true: no headers at all

  [influx]
  type = "HttpOutput"
  message_matcher = "Type == 'syslog'"
  encoder = "influx_json"
  address = "http://influx.example.com:8086/db/logs/series"
--]=]

local cjson = require "cjson"
local string = require "string"

local BYTES = 1
local HEADERS = {"Type", "Payload", "Hostname", "Pid", "Logger", "Severity", "EnvVersion"}

local series = read_config("series") or "series"
local multi_series = read_config("multi_series")
local has_headers = not read_config("exclude_base_fields")

local is_header = {}
for _, name in ipairs(HEADERS) do is_header[name] = true end

local skipped_headers, skipped_fields = {}, {}
for name in string.gmatch(read_config("skip_fields") or "", "%S+") do
    local skipped = is_header[name] and skipped_headers or skipped_fields
    skipped[name] = true
end

local used_headers = {}
for _, name in ipairs(HEADERS) do
    if has_headers and not skipped_headers[name] then used_headers[#used_headers + 1] = name end
end

-- What is not there is null, so that values stay in their columns.
local function json_value(value)
    if value == nil then return cjson.null end
    return value
end

local function header_or_field(name)
    local value
    if is_header[name] then value = read_message(name) else value = read_message("Fields[" .. name .. "]") end
    -- gsub leaves the text alone for nil, and takes no boolean.
    if type(value) == "boolean" then return tostring(value) end
    return value
end

local function series_name()
    return (string.gsub(series, "%%{([%w%p]-)}", header_or_field))
end

local function copy(array)
    local all = {}
    for i, value in ipairs(array) do all[i] = value end
    return all
end

local function field_values(name, field_index, first, count)
    if count == 1 then return json_value(first) end
    local values = {}
    for i = 1, count do values[i] = json_value(read_message("Fields[" .. name .. "]", field_index, i - 1)) end
    return values
end

-- An iterator over the fields that are not skipped: type, name, first value, number of values.
local function fields()
    return function()
        while true do
            local value_type, name, value, _, count = read_next_field()
            if not value_type or not skipped_fields[name] then return value_type, name, value, count end
        end
    end
end

local function single_series(columns, values)
    -- By name how many fields there were, and how many of them became columns.
    local seen, used = {}, {}
    for value_type, name, value, count in fields() do
        local index = seen[name] or 0
        seen[name] = index + 1
        if value_type ~= BYTES and name ~= "Timestamp" then
            local number = (used[name] or 0) + 1
            used[name] = number
            columns[#columns + 1] = number == 1 and name or name .. number
            values[#columns] = field_values(name, index, value, count)
        end
    end
    return {{points = {values}, name = series_name(), columns = columns}}
end

local function many_series(columns, values)
    local output = {}
    local prefix = series_name() .. "."
    columns[#columns + 1] = "value"
    for _, name, value in fields() do
        local own = copy(values)
        own[#columns] = json_value(value)
        output[#output + 1] = {points = {own}, name = prefix .. name, columns = columns}
    end
    return output
end

function process_message()
    local columns, values = {"time"}, {read_message("Timestamp") / 1e6}
    for _, name in ipairs(used_headers) do
        columns[#columns + 1] = name
        values[#columns] = json_value(read_message(name))
    end
    local output = multi_series and many_series(columns, values) or single_series(columns, values)
    inject_payload("json", "influx_message", cjson.encode(output))
    return 0
end
