--[[
Phabricator's access log.

  access   table of timestamp (ns), pid, hostname, ip, user, controller, function, path, referrer, status, rtime
           from a line of these, separated by tabs
--]]

local lpeg = require "lpeg"
local date_time = require "lpeg.date_time"
local ip = require "lpeg.ip_address"
local printf = require "lpeg.printf"

local timestamp = date_time.build_strftime_grammar("[%a, %d %b %Y %H:%M:%S %z]") / date_time.time_to_ns

return {
    access = printf.build_grammar{
        "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d",
        lpeg.Cg(timestamp, "timestamp"),
        "pid",
        "hostname",
        lpeg.Cg(ip.v4 + ip.v6, "ip"),
        "user",
        "controller",
        "function",
        "path",
        "referrer",
        "status",
        "rtime",
    },
}
