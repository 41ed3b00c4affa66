--[[
Watches how many messages fail in each of the daemon's plugins, from the counter ProcessMessageFailures in its
heka.all-report messages, and sends an alert for what is unusual, at most one an hour for each plugin.

Counters begin anew with the daemon, and so should this: data are not worth preserving.

  [failures]
  type = "SandboxFilter"
  filename = "lua_filters/heka_process_message_failures.lua"
  message_matcher = "Type == 'heka.all-report'"
  ticker_interval = 60
    [failures.config]
    # what counts as an anomaly, by plugin, as the module anomaly has it; "DEFAULT" is for plugins that are not named
    anomaly_config = 'mww_nonparametric("DEFAULT", 1, 5, 10, 0.7)'
--]]

local alert = require "alert"
local anomaly = require "anomaly"
local cjson = require "cjson"
require "circular_buffer"

local SECTIONS = {"inputs", "decoders", "filters", "encoders", "outputs"}
local ROWS, SEC_PER_ROW = 60, 60
local THROTTLE_NS = 3600e9

local anomaly_config = anomaly.parse_config(
    read_config("anomaly_config") or 'mww_nonparametric("DEFAULT", 1, 5, 10, 0.7)')

local plugins = {}
local last_report = 0

-- A config for one plugin. anomaly.detect notes in it when it ran: two plugins must not share one.
local function config_of(name)
    local own = {}
    for i, arguments in ipairs(anomaly_config[name] or anomaly_config["DEFAULT"] or {}) do own[i] = arguments end
    return {[name] = own}
end

local function plugin_of(name)
    local plugin = plugins[name]
    if not plugin then
        local buffer = circular_buffer.new(ROWS, 1, SEC_PER_ROW)
        buffer:set_header(1, "Failures", "count", "max")
        plugin = {last_report = 0, last_alert = 0, cbuf = buffer, anomaly_config = config_of(name)}
        plugins[name] = plugin
    end
    return plugin
end

function process_message()
    local ok, report = pcall(cjson.decode, read_message("Payload"))
    if not ok or type(report) ~= "table" then return -1 end

    last_report = read_message("Timestamp")
    for _, section in ipairs(SECTIONS) do
        local entries = report[section] or {}
        if type(entries) ~= "table" then return -1, "invalid entry in section " .. section end
        for _, entry in ipairs(entries) do
            if type(entry) ~= "table" then return -1, "invalid entry in section " .. section end
            local failures = entry.ProcessMessageFailures
            -- Plugins without the counter are not watched.
            if type(failures) == "table" then
                if type(entry.Name) ~= "string" then return -1, "missing plugin Name" end
                local plugin = plugin_of(entry.Name)
                plugin.last_report = last_report
                local count = failures.value
                -- From no value to 0 would be an anomaly.
                if type(count) == "number" and count > 0 then plugin.cbuf:set(last_report, 1, count) end
            end
        end
    end
    return 0
end

function timer_event(ns)
    for name, plugin in pairs(plugins) do
        if ns - plugin.last_alert > THROTTLE_NS then
            local text = anomaly.detect(ns, name, plugin.cbuf, plugin.anomaly_config)
            if text then
                alert.queue(0, text)
                plugin.last_alert = ns
            end
        end
        -- Plugins come and go.
        if plugin.last_report ~= last_report then plugins[name] = nil end
    end
    alert.send_queue(0)
end
