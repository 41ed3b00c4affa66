--[[
Log events of Java programs, as Dropwizard's slf4j layout writes them:

  ERROR [2014-11-21 16:35:59,501] com.example.jobs.OutgoingQueue: Error handling output file
  ! java.net.SocketTimeoutException: Read timed out

  logevent_grammar   captures severity (as syslog's: trace and debug 7, info 6, warn 4, error 3, fatal 0), timestamp (ns),
                     class, message, and stacktrace: all whole lines that follow, or ""
--]]

local lpeg = require "lpeg"
local date_time = require "lpeg.date_time"

local tonumber = tonumber

lpeg.locale(lpeg)
local P, Cc, Cg, Ct = lpeg.P, lpeg.Cc, lpeg.Cg, lpeg.Ct
local digit = lpeg.digit

local space = lpeg.space^1
local text = (1 - P"\n")^0

local function level(upper, lower, severity)
    return (P(upper) + lower) * Cc(severity)
end
local severity = level("TRACE", "trace", 7) + level("DEBUG", "debug", 7) + level("INFO", "info", 6)
    + level("WARN", "warn", 4) + level("ERROR", "error", 3) + level("FATAL", "fatal", 0)

local fraction = Cg(digit * digit * digit^1 / ".%0" / tonumber, "sec_frac")
local timestamp = Ct(date_time.rfc3339_full_date * space
    * date_time.time_hour * ":" * date_time.time_minute * ":" * date_time.time_second * "," * fraction^-1)
    / date_time.time_to_ns

return {
    logevent_grammar = Ct(Cg(severity, "severity") * space
        * "[" * Cg(timestamp, "timestamp") * "]" * space
        * Cg((1 - P":")^1, "class") * ":" * space
        * Cg(text, "message") * "\n"
        * Cg((text * "\n")^0, "stacktrace")),
}
