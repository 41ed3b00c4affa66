--[[
Sends alerts, the messages of heka.alert, to where their fields say.

Configuration

  filename = "alert.lua"
  message_matcher = "Type == 'alert'"
  alert = {
      modules = {
          email = {from = "hekate@example.com", server = "127.0.0.1"},  -- as the module alert.email says
      },
  }

The fields behind the first two are named "<module>.<setting>", such as "email.recipients": each module that they name
sends the alert with those settings. Returns 0, or -1 and what went wrong; the other modules send it all the same.
--]]

local string = require "string"
local table = require "table"

local FIRST_DESTINATION = 3

local config = read_config("alert")
assert(type(config) == "table", "alert configuration must be a table")
assert(type(config.modules) == "table", "alert.modules configuration must be a table")

local senders = {}
for name in pairs(config.modules) do
    local send = require("alert." .. name).send
    assert(type(send) == "function", string.format("alert.%s does not provide a send function", name))
    senders[name] = send
end

-- Settings by module; nil and the field's name for a field that is not named like one.
local function destinations_of(msg)
    local destinations = {}
    local fields = msg.Fields or {}
    for i = FIRST_DESTINATION, #fields do
        local field = fields[i]
        local name, setting = string.match(field.name, "^(.+)%.(.+)")
        if not name then return nil, field.name end
        destinations[name] = destinations[name] or {}
        destinations[name][setting] = field.value
    end
    return destinations
end

-- Nothing, or what went wrong.
local function send(name, msg, settings)
    if not senders[name] then return string.format("alert module '%s' is not configured", name) end
    local _, err = pcall(senders[name], msg, settings)
    return err
end

function process_message()
    local msg = decode_message(read_message("raw"))
    local destinations, bad_name = destinations_of(msg)
    if not destinations then return -1, "invalid field name: " .. bad_name end

    local failures = {}
    for name, settings in pairs(destinations) do
        local err = send(name, msg, settings)
        if err then failures[#failures + 1] = tostring(err) end
    end
    if #failures == 0 then return 0 end
    table.sort(failures)
    return -1, table.concat(failures, "; ")
end

function timer_event()
end
