--[[
Messages of puppet-agent.

Exports
  syslog_grammar   captures a table; an empty one for messages that are known and carry no values

Captures
  resources    puppet_resource_path
  parameters   puppet_parameter; puppet_current_value, puppet_should_value, puppet_historical_value,
               puppet_ensure_parameter, puppet_old_value, puppet_new_value, puppet_change
  events       puppet_msg, puppet_callback, puppet_callback_target, puppet_events_count (number),
               puppet_file_path, puppet_bucket, puppet_file_sum
  runs         puppet_msg, puppet_benchmark_seconds (number)
  puppet_noop  true if nothing was done because the agent runs in noop mode
--]]

local l = require "lpeg"
local syslog = require "lpeg.syslog"
local template = require "lpeg.log_template"

local P, Cg = l.P, l.Cg

-- A type is written like Mod::Config, a resource like Mod::Config[name], a path like
-- /Stage[main]/Mod/Mod::Config[name].
local segment = l.upper * (l.lower + l.digit + "_")^0
local type_name = segment * ("::" * segment)^0
local resource = type_name * "[" * (1 - P"]")^1 * "]"

local message = template.compiler{
    resource = resource,
    path = ("/" * (resource + type_name))^1,
    parameter = (l.lower + l.digit + "_")^1,
}

local noop = Cg(l.Cc(true), "puppet_noop")

local parameter_event = template.choice{
    message "current_value {puppet_current_value}, should be {puppet_should_value} (noop)"
        * message " (previously recorded value was {puppet_historical_value:rest}"^-1 * noop * -1,
    message "{puppet_ensure_parameter:parameter} changed '{puppet_old_value}' to '"
        * syslog.capture_followed_by("puppet_new_value", "'" * P(-1)),
    message "{puppet_change=executed successfully}{$}",
}

local resource_event = template.choice{
    (message "{puppet_msg=Would have triggered}" * noop + message "{puppet_msg=Triggered}")
        * message " '{puppet_callback}' from {puppet_events_count:integer} events{$}",
    message "Scheduling {puppet_callback} of {puppet_callback_target:resource}{$}",
    message "Unscheduling {puppet_callback} on {puppet_callback_target:resource}{$}",
    message "Filebucketed {puppet_file_path} to {puppet_bucket} with sum {puppet_file_sum}{$}",
}

local without_values = template.choice{
    P"Retrieving pluginfacts" * -1,
    P"Retrieving plugin" * -1,
    P"Loading facts" * -1,
    "Caching catalog for ",
    "Applying configuration version '",
    "Computing checksum on file ",
    "Run of Puppet configuration client already in progress; skipping (",
}

local M = {}

M.syslog_grammar = l.Ct(template.choice{
    -- A parameter's provider may write anything behind the path.
    message "({puppet_resource_path:path}/{puppet_parameter:parameter})"
        * (" " * parameter_event)^-1,
    message "({puppet_resource_path}) " * resource_event,
    message "{puppet_msg=Finished catalog run} in {puppet_benchmark_seconds:float} seconds{$}",
    without_values,
})

return M
