--[[
Sends an alert when too many messages fail in a plugin, and when a plugin is terminated. It works on what plugins_tsv.lua
injects.

Configuration

  filename = "plugin_monitor.lua"
  message_matcher = "Type =~ '^hindsight%.plugin%.'"
  process_message_inject_limit = 1
  alert = {                                  -- see heka.alert
      modules = {
          email = {recipients = {"ops@example.com"}},
      },
      thresholds = {
          ["analysis.counter"] = {           -- a plugin's name; "*" for all others
              process_message_failures = {
                  percent = 5,               -- more than this of the messages since the last tick failed,
                  minimum_sample = 100,      -- and there were at least so many
              },
              terminated = true,
          },
      },
  }

Alerts have the plugin's name as their id. That of a termination is never throttled. Returns 0, or -1 for a message that is
not like those of plugins_tsv.lua.
--]]

local string = require "string"
local alert = require "heka.alert"

local format = string.format

-- Positions of the numbers in Fields[deltas], from 0.
local PROCESS_MESSAGE_COUNT, PROCESS_MESSAGE_FAILURES = 2, 3
local NOT_THROTTLED = 0

local checks = {}

function checks.process_message_failures(threshold, where)
    assert(type(threshold) == "table", where .. " must be a table")
    local sample, percent = threshold.minimum_sample, threshold.percent
    assert(type(sample) == "number" and sample >= 0, where .. " 'minimum_sample' must be a non-negative number")
    assert(type(percent) == "number" and percent > 0 and percent <= 100,
        where .. " 'percent' must contain a percentage of message failures (1-100)")
end

function checks.terminated(threshold, where)
    assert(type(threshold) == "boolean", where .. " terminated must be a boolean")
end

for plugin, thresholds in pairs(alert.thresholds) do
    for name, threshold in pairs(thresholds) do
        local where = format("%s#%s", plugin, name)
        local check = checks[name] or error(where .. " invalid alert type")
        check(threshold, where)
    end
end

local function handle_stats(plugin, threshold)
    local count = read_message("Fields[deltas]", 0, PROCESS_MESSAGE_COUNT)
    local failures = read_message("Fields[deltas]", 0, PROCESS_MESSAGE_FAILURES)
    if type(count) ~= "number" or type(failures) ~= "number" then return -1, "deltas are missing" end
    if not threshold or count < threshold.minimum_sample then return 0 end

    local percent = failures / count * 100
    if percent > threshold.percent then
        alert.send(plugin, "process_message_failures", format("%g%% of recent messages failed", percent))
    end
    return 0
end

function process_message()
    local plugin = read_message("Fields[name]")
    if type(plugin) ~= "string" then return -1, "the plugin's name is missing" end
    local thresholds = alert.get_threshold(plugin)
    if not thresholds then return 0 end

    local kind = read_message("Type")
    if kind == "hindsight.plugin.stats" then return handle_stats(plugin, thresholds.process_message_failures) end
    if kind == "hindsight.plugin.terminated" and thresholds.terminated then
        alert.send(plugin, "terminated", read_message("Payload"), NOT_THROTTLED)
    end
    return 0
end

function timer_event()
end
