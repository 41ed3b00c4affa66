--[[
Says in the alerts of heka.alert whom the output alert.lua is to send them to by mail.

The module is the list of fields that an alert gets.

Configuration:

  alert = {
      modules = {
          email = {recipients = {"ops@example.com"}},
      },
  }
--]]

local string = require "string"

local config = read_config("alert").modules.email
assert(type(config) == "table", "alert.modules.email configuration must be a table")

local recipients = config.recipients
assert(type(recipients) == "table" and #recipients > 0, "recipients must be an array")

local addresses = {}
for i, address in ipairs(recipients) do
    assert(type(address) == "string", "recipients must be strings")
    addresses[i] = string.format("<%s>", address)
end

return {{name = "email.recipients", value = addresses}}
