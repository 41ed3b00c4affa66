--[[
Alerts: messages that the output alert.lua sends on, as mail for example. An alert of an id is followed by the next one of
that id only after a while, so that a fault that lasts does not send one every minute.

  send(id, summary, detail, throttle, lookup_data)
                           injects an alert; false when it is throttled, when alerts are disabled and without a summary.
                           `throttle` is minutes instead of the configured ones, 0 for none
  throttled(id, throttle)  whether send would be too early, to save the work of finding out what to say
  thresholds               the configured table of thresholds
  get_threshold(id)        the threshold of that id, else that of "*", else of "_default_"
  has_lookup()             whether a lookup module decides where alerts go
  get_dashboard_uri(id, extension)
                           where the output of that id is shown; extension is "cbuf" unless given

Configuration:

  alert = {
      modules = {                                    -- required: where alerts go, each set up as its module
          email = {recipients = {"ops@example.com"}},  -- heka.alert.email says
      },
      throttle = 90,      -- minutes between alerts of an id
      prefix = false,     -- true: say which plugin, host and process it was
      disabled = false,
      thresholds = {      -- what the plugin compares with, by id
          ["*"] = {percent = 5},
      },
      lookup = "name",    -- instead of the modules: heka.alert.name's get_message(id, summary, detail, lookup_data)
  }                       -- makes the message to inject, or nil for none

The message: Type "alert", Severity 1, Payload the detail, Fields id, summary and those of the modules. Times are the
machine's, and are forgotten when the plugin stops.
--]]

local os = require "os"
local string = require "string"

local assert, error, inject_message, ipairs, next, pairs, require, type =
    assert, error, inject_message, ipairs, next, pairs, require, type
local format = string.format

local DEFAULT_THROTTLE_MINUTES = 90
local SECONDS_PER_MINUTE = 60

local logger = read_config("Logger")
local hostname = read_config("Hostname")
local pid = read_config("Pid")

local config = read_config("alert")
assert(type(config) == "table", "alert configuration must be a table")
assert(type(config.modules) == "table", "alert.modules configuration must be a table")

local thresholds = config.thresholds
if thresholds == nil then thresholds = {} end
assert(type(thresholds) == "table", "alert.thresholds configuration must be nil or a table")

local throttle_minutes = config.throttle or DEFAULT_THROTTLE_MINUTES
assert(type(throttle_minutes) == "number" and throttle_minutes >= 0,
    "alert.throttle configuration must be a number >= 0")

local function load_lookup()
    if not config.lookup then return nil end
    assert(type(config.lookup) == "string", "alert.lookup configuration must be a string")
    local lookup = require("heka.alert." .. config.lookup).get_message
    assert(type(lookup) == "function", "invalid alert lookup module specified")
    return lookup
end

-- What the output needs to know, as field tables of a message.
local function load_destinations()
    if not next(config.modules) then error("No alert modules were specified") end
    local destinations = {}
    for name in pairs(config.modules) do
        local fields = require("heka.alert." .. name)
        if fields.get_message then error("cannot use lookup module without lookup configuration") end
        for _, field in ipairs(fields) do destinations[#destinations + 1] = field end
    end
    return destinations
end

local look_up = load_lookup()
local destinations = {}
if not look_up and not config.disabled then destinations = load_destinations() end

-- ---------------------------------------------------------------------------------------------------------------------

local M = {thresholds = thresholds}

local sent_at = {}

function M.get_threshold(id)
    return thresholds[id] or thresholds["*"] or thresholds._default_
end

function M.throttled(id, throttle)
    if type(throttle) ~= "number" then throttle = throttle_minutes end
    local at = sent_at[id]
    if throttle == 0 or not at then return false end
    return os.time() - at <= throttle * SECONDS_PER_MINUTE
end

function M.has_lookup()
    return look_up ~= nil
end

local function alert_of(id, summary, detail)
    if config.prefix then
        summary = format("Hindsight [%s#%s] - %s", logger, id, summary)
        detail = format("Hostname: %s\nPid: %d\n\n%s\n", hostname, pid, detail or "")
    end
    local fields = {{name = "id", value = id}, {name = "summary", value = summary}}
    for _, field in ipairs(destinations) do fields[#fields + 1] = field end
    return {Type = "alert", Payload = detail, Severity = 1, Fields = fields}
end

function M.send(id, summary, detail, throttle, lookup_data)
    if config.disabled or not summary or summary == "" or M.throttled(id, throttle) then return false end

    local alert
    if look_up then
        if not lookup_data then error("cannot call lookup function with no lookup data") end
        alert = look_up(id, summary, detail, lookup_data)
    else
        alert = alert_of(id, summary, detail)
    end
    if alert then inject_message(alert) end
    sent_at[id] = os.time()
    return true
end

local function file_name_part(text)
    return (string.gsub(text, "[^%w%.]", "_"))
end

function M.get_dashboard_uri(id, extension)
    local folder, suffix = "", extension
    if not extension or extension == "cbuf" then folder, suffix = "graphs/", "html" end
    return format("https://%s/dashboard_output/%s%s.%s.%s", hostname, folder, file_name_part(logger),
        file_name_part(id), file_name_part(suffix))
end

return M
