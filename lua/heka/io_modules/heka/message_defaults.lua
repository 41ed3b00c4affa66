--[[
Completes a message with the default headers that an input was configured with.

  fill(msg, default_headers)
      Sets the headers that msg does not have, and the fields that its Fields do not have. default_headers may be nil; it
      stays as it is.
--]]

local ipairs, pairs, type = ipairs, pairs, type

local HEADERS = {"Uuid", "Logger", "Hostname", "Timestamp", "Type", "Payload", "EnvVersion", "Pid", "Severity"}

local M = {}

function M.fill(msg, default_headers)
    if not default_headers then return end
    for _, name in ipairs(HEADERS) do
        if not msg[name] then msg[name] = default_headers[name] end
    end

    if type(default_headers.Fields) ~= "table" then return end
    if type(msg.Fields) ~= "table" then msg.Fields = {} end
    for name, value in pairs(default_headers.Fields) do
        if msg.Fields[name] == nil then msg.Fields[name] = value end
    end
end

return M
