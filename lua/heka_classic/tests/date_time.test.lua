-- Tests of date_time, the name that Heka 0.11 has for lpeg.date_time.
require "string"
require "os"
local date_time = require "date_time"

local NAMES = {
    "date_fullyear", "date_month", "date_mabbr", "date_mfull", "date_mday", "date_mday_sp", "time_hour", "time_minute",
    "time_second", "time_secfrac", "timezone", "timezone_offset", "rfc3339_time_numoffset", "rfc3339_time_offset",
    "rfc3339_partial_time", "rfc3339_full_date", "rfc3339_full_time", "rfc3339", "clf_timestamp", "rfc3164_timestamp",
    "mysql_timestamp", "pgsql_timestamp", "build_strftime_grammar", "time_to_ns", "seconds_to_ns",
}

function test_all_of_hekas_names_are_there()
    for _, name in ipairs(NAMES) do assert(date_time[name], name) end
end

function test_a_time_is_read()
    local t = date_time.rfc3339:match("2015-06-07T08:09:10Z")
    assert(date_time.time_to_ns(t) == os.time{year = 2015, month = 6, day = 7, hour = 8, min = 9, sec = 10} * 1e9)
    assert(date_time.time_to_ns(nil) == 0)
    assert(date_time.build_strftime_grammar("%s"):match("12").time_t == 12)
end
