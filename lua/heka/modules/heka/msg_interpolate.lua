--[[
Puts values of the current message into a text.

  interpolate(text, seconds)
      The text with each "%{...}" replaced by the first of these that there is:
        a header    %{Uuid} %{Timestamp} %{Type} %{Logger} %{Severity} %{Payload} %{EnvVersion} %{Pid} %{Hostname}
        a field     %{status}: the first value of Fields[status]
        a time      %{%Y.%m.%d}: strftime of `seconds` since 1970 (nil: now; a message's own time only if it is given)
      What is none of them stays as it is. Also returns how many there were.
  get_uuid(bytes)       a UUID's 16 bytes as "0A1B2C3D-0001-0203-0405-060708090A0B"
  get_timestamp(ns)     "2014-02-10T16:46:36.000000001Z"
  get_timestamp_ms(ns)  "2014-02-10T16:46:36.000Z"
  header_fields         the headers' functions by name; what is put in here is a header too

Names in a configuration come to life with it:

  index = "%{Logger}-%{%Y.%m.%d}"
--]]

local math = require "math"
local os = require "os"
local string = require "string"

local read_message, tostring, type = read_message, tostring, type
local byte, format, gsub = string.byte, string.format, string.gsub

local NS_PER_SECOND, NS_PER_MS = 1e9, 1e6
local UUID_FORMAT = "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X"

local M = {}

function M.get_uuid(bytes)
    return format(UUID_FORMAT, byte(bytes, 1, 16))
end

-- Whole seconds as text, and the nanoseconds on top of them.
local function split(ns)
    local seconds = math.floor(ns / NS_PER_SECOND)
    return os.date("!%Y-%m-%dT%H:%M:%S", seconds), ns - seconds * NS_PER_SECOND
end

function M.get_timestamp(ns)
    local seconds, rest = split(ns)
    return format("%s.%09dZ", seconds, rest)
end

function M.get_timestamp_ms(ns)
    local seconds, rest = split(ns)
    return format("%s.%03dZ", seconds, math.floor(rest / NS_PER_MS))
end

local function formatted(header, to_text)
    return function()
        local value = read_message(header)
        if value then return to_text(value) end
    end
end

local function raw(header)
    return function() return read_message(header) end
end

M.header_fields = {
    Uuid = formatted("Uuid", M.get_uuid),
    Timestamp = formatted("Timestamp", M.get_timestamp),
    Type = raw("Type"),
    Logger = raw("Logger"),
    Severity = raw("Severity"),
    Payload = raw("Payload"),
    EnvVersion = raw("EnvVersion"),
    Pid = raw("Pid"),
    Hostname = raw("Hostname"),
}

function M.interpolate(text, seconds)
    -- gsub leaves alone what it gets nil for.
    local function value_of(name)
        local header = M.header_fields[name]
        if header then return header() end
        local value = read_message(format("Fields[%s]", name))
        if type(value) == "boolean" then return tostring(value) end
        if value ~= nil then return value end
        local time = os.date(name, seconds)
        -- A name that is no format comes back as it was; "*t" gives a table.
        if type(time) == "string" and time ~= name then return time end
    end
    return gsub(text, "%%{(.-)}", value_of)
end

return M
