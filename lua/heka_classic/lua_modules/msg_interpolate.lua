--[[
Puts values of the current message into a text.

  interpolate_from_msg(text, seconds)
      The text with each "%{...}" replaced by the first of these that there is:
        a header       %{Type} %{Hostname} %{Pid} %{UUID} %{Logger} %{EnvVersion} %{Severity}
        a field        %{status}: the first value of Fields[status]
        a time         %{%Y.%m.%d}: strftime of `seconds` since 1970 (nil: now)
      What is none of them stays as it is.

A setting that takes it:

  [es_payload]
  type = "SandboxEncoder"
  filename = "lua_encoders/es_payload.lua"
    [es_payload.config]
    index = "%{Logger}-%{%Y.%m.%d}"
--]]

local os = require "os"
local string = require "string"

local read_message, tostring, type = read_message, tostring, type

local HEADERS = {
    Type = "Type",
    Hostname = "Hostname",
    Pid = "Pid",
    UUID = "Uuid",
    Logger = "Logger",
    EnvVersion = "EnvVersion",
    Severity = "Severity",
}

local M = {}

function M.interpolate_from_msg(text, seconds)
    -- gsub leaves what is between the braces alone for nil.
    local function value_of(name)
        if HEADERS[name] then return read_message(HEADERS[name]) end
        local value = read_message("Fields[" .. name .. "]")
        if type(value) == "boolean" then return tostring(value) end
        if value ~= nil then return value end
        local time = os.date(name, seconds)
        -- A name is no format when it comes back; "*t" gives a table.
        if type(time) == "string" and time ~= name then return time end
    end
    return (string.gsub(text, "%%{(.-)}", value_of))
end

return M
