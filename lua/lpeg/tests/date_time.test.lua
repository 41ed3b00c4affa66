-- Tests of lpeg.date_time. Expected times go through os.time, so that they hold in any time zone.
require "string"
require "os"
local lpeg = require "lpeg"
local date_time = require "lpeg.date_time"

-- Nanoseconds of a time that is `east` seconds east of Greenwich.
local function ns(year, month, day, hour, min, sec, east)
    local t = {year = year, month = month, day = day, hour = hour, min = min, sec = sec}
    return (os.time(t) - (east or 0)) * 1e9
end

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: expected %s, got %s", tostring(what), tostring(expected), tostring(actual)), 2)
    end
end

local function time_of(grammar, text)
    local t = grammar:match(text)
    if not t then error("no match: " .. text, 2) end
    return date_time.time_to_ns(t)
end

function test_rfc3339_gives_text_numbers_for_the_fraction_and_the_zone()
    local t = date_time.rfc3339:match("2021-03-09T04:05:06.125+05:30")
    equal(t.year, "2021", "year")
    equal(t.month, "03", "month")
    equal(t.day, "09", "day")
    equal(t.hour, "04", "hour")
    equal(t.min, "05", "min")
    equal(t.sec, "06", "sec")
    equal(t.sec_frac, 0.125, "sec_frac")
    equal(t.offset_sign, "+", "offset_sign")
    equal(t.offset_hour, 5, "offset_hour")
    equal(t.offset_min, 30, "offset_min")
end

function test_rfc3339_without_fraction_and_with_z_has_neither_field()
    local t = date_time.rfc3339:match("2021-03-09T04:05:06Z")
    equal(t.sec_frac, nil, "sec_frac")
    equal(t.offset_sign, nil, "offset_sign")
    equal(t.offset_hour, nil, "offset_hour")
end

function test_rfc3339_times_count_from_greenwich()
    equal(time_of(date_time.rfc3339, "2021-03-09T04:05:06Z"), ns(2021, 3, 9, 4, 5, 6), "Z")
    equal(time_of(date_time.rfc3339, "2021-03-09T04:05:06-01:30"), ns(2021, 3, 9, 4, 5, 6, -5400), "west")
    equal(time_of(date_time.rfc3339, "2021-03-09T04:05:06+01:30"), ns(2021, 3, 9, 4, 5, 6, 5400), "east")
    equal(time_of(date_time.rfc3339, "1935-06-01T12:00:00Z"), ns(1935, 6, 1, 12, 0, 0), "before 1970")
    equal(time_of(date_time.rfc3339, "2016-12-31T23:59:60Z"), ns(2016, 12, 31, 23, 59, 60), "leap second")
    equal(time_of(date_time.rfc3339, "2021-03-09T04:05:06.5Z"), ns(2021, 3, 9, 4, 5, 6) + 5e8, "fraction")
end

function test_rfc3339_refuses_other_spellings()
    local others = {
        "2021-03-09t04:05:06Z", "2021-03-09T04:05:06z", "2021-03-09 04:05:06Z", "2021-03-09", "2021-03-09T04:05:06",
        "2021-03-09T04:05:06+0130", "2021-13-09T04:05:06Z", "2021-00-09T04:05:06Z", "2021-03-32T04:05:06Z",
        "2021-03-00T04:05:06Z", "2021-03-09T24:05:06Z", "2021-03-09T04:60:06Z", "2021-03-09T04:05:61Z", "",
        "2021-03-09T04:05:06.Z", "21-03-09T04:05:06Z",
    }
    for _, text in ipairs(others) do equal(date_time.rfc3339:match(text), nil, text) end
end

function test_every_truncation_of_a_timestamp_is_no_timestamp()
    local whole = {
        {date_time.rfc3339, "2021-03-09T04:05:06Z"},
        {date_time.clf_timestamp, "09/Mar/2021:04:05:06 -0800"},
        {date_time.rfc3164_timestamp, "Mar  9 04:05:06"},
        {date_time.mysql_timestamp, "20210309040506"},
        {date_time.pgsql_timestamp, "2021-03-09 04:05:06"},
    }
    for _, case in ipairs(whole) do
        local grammar, text = case[1], case[2]
        assert(grammar:match(text), text)
        for length = 0, #text - 1 do
            local part = string.sub(text, 1, length)
            equal(grammar:match(part), nil, part)
        end
    end
end

function test_common_log_timestamps_know_all_months()
    local names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
    for month, name in ipairs(names) do
        local text = "05/" .. name .. "/2019:23:10:11 +0200"
        equal(time_of(date_time.clf_timestamp, text), ns(2019, month, 5, 23, 10, 11, 7200), text)
    end
    equal(date_time.clf_timestamp:match("05/jan/2019:23:10:11 +0200"), nil, "lower case")
end

function test_syslog_timestamps_are_of_this_year()
    local year = tonumber(os.date("%Y"))
    equal(time_of(date_time.rfc3164_timestamp, "Mar  9 04:05:06"), ns(year, 3, 9, 4, 5, 6), "one digit")
    equal(time_of(date_time.rfc3164_timestamp, "Mar 09 04:05:06"), ns(year, 3, 9, 4, 5, 6), "padded with a zero")
    equal(time_of(date_time.rfc3164_timestamp, "Mar 29   04:05:06"), ns(year, 3, 29, 4, 5, 6), "many spaces")
end

function test_database_timestamps()
    equal(time_of(date_time.mysql_timestamp, "20190722183015"), ns(2019, 7, 22, 18, 30, 15), "mysql")
    equal(time_of(date_time.pgsql_timestamp, "2019-07-22 18:30:15"), ns(2019, 7, 22, 18, 30, 15), "pgsql")
end

function test_month_names_are_their_numbers()
    local full = {
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December"}
    for month, name in ipairs(full) do
        equal(lpeg.Ct(date_time.date_mfull):match(name).month, tostring(month), name)
        equal(lpeg.Ct(date_time.date_mabbr):match(name).month, tostring(month), name)
    end
end

function test_parts_have_their_bounds()
    local cases = {
        {"date_month", {"01", "09", "10", "12"}, {"00", "13", "1", ""}},
        {"date_mday", {"01", "10", "29", "31"}, {"00", "32", "9", " 9"}},
        {"date_mday_sp", {" 1", "10", "31"}, {"01", " 0", "32"}},
        {"time_hour", {"00", "19", "23"}, {"24", "9"}},
        {"time_minute", {"00", "59"}, {"60", "5"}},
        {"time_second", {"00", "59", "60"}, {"61", "5"}},
        {"date_fullyear", {"0000", "9999"}, {"999", "x999"}},
        {"time_secfrac", {".0", ".123456789"}, {".", "5"}},
        {"timezone_offset", {"+0000", "-2359"}, {"+2400", "+0060", "0100", "+01:00"}},
        {"rfc3339_time_numoffset", {"+00:00", "-23:59"}, {"+0000", "+24:00"}},
        {"rfc3339_full_date", {"2000-02-31"}, {"2000-2-31"}},
    }
    for _, case in ipairs(cases) do
        local whole = date_time[case[1]] * -1
        for _, text in ipairs(case[2]) do assert(whole:match(text), case[1] .. " " .. text) end
        for _, text in ipairs(case[3]) do equal(whole:match(text), nil, case[1] .. " " .. text) end
    end
end

function test_zone_names()
    local zones = {
        UTC = {"+", 0}, PST = {"-", 8}, PDT = {"-", 7}, MST = {"-", 7}, MDT = {"-", 6},
        CST = {"-", 6}, CDT = {"-", 5}, EST = {"-", 5}, EDT = {"-", 4}, CEST = {"+", 0}, [""] = {"+", 0},
    }
    local grammar = lpeg.Ct(date_time.timezone * -1)
    for name, offset in pairs(zones) do
        local t = grammar:match(name)
        equal(t.offset_sign, offset[1], name)
        equal(t.offset_hour, offset[2], name)
        equal(t.offset_min, 0, name)
    end
    equal(grammar:match("ABCDEF"), nil, "six letters")
end

function test_strftime_reads_what_strftime_writes()
    local formats = {
        "%a", "%A", "%b", "%B", "%c", "%C", "%d", "%D", "%e", "%F", "%g", "%G", "%h", "%H", "%I", "%j", "%k", "%l",
            "%m",
        "%M", "%p", "%r", "%R", "%S", "%T", "%u", "%U", "%V", "%w", "%W", "%x", "%X", "%y", "%Y", "%%",
    }
    local written = {
        a = "Tue", A = "Tuesday", b = "Mar", B = "March", c = "Tue Mar  9 16:05:06 2021", C = "20", d = "09",
            D = "03/09/21",
        e = " 9", F = "2021-03-09", g = "21", G = "2021", h = "Mar", H = "16", I = "04", j = "068", k = "16", l = " 4",
        m = "03", M = "05", p = "PM", r = "04:05:06 PM", R = "16:05", S = "06", T = "16:05:06", u = "2", U = "10",
            V = "10",
        w = "2", W = "10", x = "03/09/21", X = "16:05:06", y = "21", Y = "2021", ["%"] = "%",
    }
    for _, format in ipairs(formats) do
        local text = written[string.sub(format, 2)]
        local whole = date_time.build_strftime_grammar(format) * -1
        equal(type(whole:match(text)), "table", format .. " of " .. text)
    end
end

function test_strftime_formats_make_times()
    local cases = {
        {"%c", "Tue Mar  9 16:05:06 2021"},
        {"%D %T", "03/09/21 16:05:06"},
        {"%D %r", "03/09/21 04:05:06 PM"},
        {"%F %H:%M:%S", "2021-03-09 16:05:06"},
        {"day %d of %B, %Y at %T", "day 09 of March, 2021 at 16:05:06"},
        {"%e %h %Y\t%X", " 9 Mar 2021\t16:05:06"},
        {"%Y%m%d%n%k:%M:%S", "20210309\n16:05:06"},
    }
    for _, case in ipairs(cases) do
        equal(time_of(date_time.build_strftime_grammar(case[1]), case[2]), ns(2021, 3, 9, 16, 5, 6), case[1])
    end
    local zoned = date_time.build_strftime_grammar("%d/%b/%Y:%T %z")
    equal(time_of(zoned, "09/Mar/2021:16:05:06 -0500"), ns(2021, 3, 9, 16, 5, 6, -18000), "%z")
    local named = date_time.build_strftime_grammar("%F %T %Z")
    equal(time_of(named, "2021-03-09 16:05:06 EDT"), ns(2021, 3, 9, 16, 5, 6, -14400), "%Z")
    local fraction = date_time.build_strftime_grammar("%F %T.%f")
    equal(time_of(fraction, "2021-03-09 16:05:06.250"), ns(2021, 3, 9, 16, 5, 6) + 25e7, "%f")
    equal(time_of(date_time.build_strftime_grammar("%s"), "1600000000"), 16e17, "%s")
end

function test_noon_and_midnight()
    local grammar = date_time.build_strftime_grammar("%F %I:%M %p")
    equal(time_of(grammar, "2021-03-09 12:30 AM"), ns(2021, 3, 9, 0, 30, 0), "12 AM")
    equal(time_of(grammar, "2021-03-09 12:30 PM"), ns(2021, 3, 9, 12, 30, 0), "12 PM")
    equal(time_of(grammar, "2021-03-09 01:30 AM"), ns(2021, 3, 9, 1, 30, 0), "1 AM")
    equal(time_of(grammar, "2021-03-09 11:30 PM"), ns(2021, 3, 9, 23, 30, 0), "11 PM")
end

function test_a_space_in_a_format_is_one_space_of_any_kind()
    local grammar = date_time.build_strftime_grammar("%H %M") * -1
    assert(grammar:match("01\t02"))
    equal(grammar:match("01  02"), nil, "two spaces")
end

function test_faulty_formats_say_why()
    local ok, message = pcall(date_time.build_strftime_grammar, "%Y %Q")
    equal(ok, false, "%Q")
    assert(string.find(message, "unknown strftime specifier: Q", 1, true), message)
    ok, message = pcall(date_time.build_strftime_grammar, "")
    equal(ok, false, "empty")
    assert(string.find(message, "could not parse the strftime format", 1, true), message)
    for _, format in ipairs{false, {}} do equal(pcall(date_time.build_strftime_grammar, format), false,
        type(format)) end
    -- Not a letter after it: no conversion.
    assert(date_time.build_strftime_grammar("%-"):match("%-"))
end

function test_what_is_no_time_is_zero()
    for _, value in ipairs{"text", 5, true} do equal(date_time.time_to_ns(value), 0, tostring(value)) end
    equal(date_time.time_to_ns(nil), 0, "nil")
    equal(date_time.time_to_ns{time_t = 3}, 3e9, "time_t")
    equal(pcall(date_time.time_to_ns, {}), false, "a table without a date")
end

function test_seconds_to_nanoseconds()
    equal(date_time.seconds_to_ns("12"), 12e9, "text")
    equal(date_time.seconds_to_ns(1.5), 15e8, "number")
    equal(pcall(date_time.seconds_to_ns, "x"), false, "no number")
end

function test_long_digits_do_no_harm()
    local digits = string.rep("7", 100000)
    equal(date_time.rfc3339:match(digits), nil, "digits")
    local t = date_time.rfc3339:match("2021-03-09T04:05:06." .. digits .. "Z")
    assert(t.sec_frac > 0.77 and t.sec_frac < 0.78)
    assert(date_time.build_strftime_grammar(string.rep("%Y ", 300)))
end
