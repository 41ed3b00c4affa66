--[[
Date and time grammars.

Parts, as named captures (text unless said otherwise; they show when wrapped in a table capture):
  date_fullyear          4 digits                       year
  date_month             01..12                         month
  date_mabbr, date_mfull Jan.. / January..              month, "1".."12"
  date_mday              01..31                         day
  date_mday_sp           " 1".."31", space padded       day
  time_hour, time_minute, time_second                   hour, min, sec (60 is a leap second)
  time_secfrac           .217                           sec_frac (number)
  timezone               UTC PST PDT MST MDT CST CDT EST EDT, else up to five letters that count as UTC
  timezone_offset        +0730                          both: offset_sign, offset_hour, offset_min (numbers)
  rfc3339_full_date, rfc3339_partial_time, rfc3339_full_time,
  rfc3339_time_offset    Z (captures nothing) or an rfc3339_time_numoffset (+07:30)

Whole timestamps, each captured as one table of these names:
  clf_timestamp          10/Feb/2014:08:46:36 -0800
  rfc3164_timestamp      Feb 10 16:46:36                year is that of the time of the match
  rfc3339                1999-05-05T23:23:59.217-07:00
  mysql_timestamp        20140210164636
  pgsql_timestamp        2014-02-10 16:46:36

Functions:
  build_strftime_grammar(format)  table capture for a strftime format; %f is digits of a second's fraction
  time_to_ns(t)                   nanoseconds since 1970 of such a table; 0 for what is no table or no time
  seconds_to_ns(seconds)          nanoseconds of seconds since 1970

time_to_ns asks os.time, which reads the table as local time: a host runs under TZ=UTC.
--]]

local lpeg = require "lpeg"
local os = require "os"
local string = require "string"

local error, tonumber, type = error, tonumber, type

lpeg.locale(lpeg)
local P, R, S, Cc, Cf, Cg, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Ct
local digit, space = lpeg.digit, lpeg.space

local M = {}

-- What a name in a list stands for is its place in the list, as text.
local function one_of(names)
    local grammar
    for i = 1, #names do
        local name = P(names[i]) * Cc(i .. "")
        grammar = grammar and grammar + name or name
    end
    return grammar
end

local function any_of(names)
    local grammar = P(names[1])
    for i = 2, #names do grammar = grammar + names[i] end
    return grammar
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Parts

local two_digits = digit * digit

M.date_fullyear = Cg(two_digits * two_digits, "year")
M.date_month = Cg("0" * R"19" + "1" * R"02", "month")
M.date_mabbr = Cg(one_of{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}, "month")
M.date_mfull = Cg(one_of{
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December"}, "month")
M.date_mday = Cg("0" * R"19" + S"12" * digit + "3" * S"01", "day")
M.date_mday_sp = Cg(" " * R"19" + S"12" * digit + "3" * S"01", "day")

M.time_hour = Cg(S"01" * digit + "2" * R"03", "hour")
M.time_minute = Cg(R"05" * digit, "min")
M.time_second = Cg(R"05" * digit + "60", "sec")
M.time_secfrac = Cg("." * digit^1 / tonumber, "sec_frac")

local function offset(sign, hour, minute)
    return Cg(sign, "offset_sign") * Cg(hour, "offset_hour") * Cg(minute, "offset_min")
end

local function zone(name, sign, hours)
    return P(name) * offset(Cc(sign), Cc(hours), Cc(0))
end

M.timezone = zone("UTC", "+", 0)
    + zone("PST", "-", 8) + zone("PDT", "-", 7)
    + zone("MST", "-", 7) + zone("MDT", "-", 6)
    + zone("CST", "-", 6) + zone("CDT", "-", 5)
    + zone("EST", "-", 5) + zone("EDT", "-", 4)
    + lpeg.alpha^-5 * offset(Cc"+", Cc(0), Cc(0))

local hours_apart = (S"01" * digit + "2" * R"03") / tonumber
local minutes_apart = R"05" * digit / tonumber

M.timezone_offset = offset(S"+-", hours_apart, minutes_apart)

-- ---------------------------------------------------------------------------------------------------------------------
-- RFC 3339

M.rfc3339_time_numoffset = offset(S"+-", hours_apart * ":", minutes_apart)
M.rfc3339_time_offset = "Z" + M.rfc3339_time_numoffset
M.rfc3339_full_date = M.date_fullyear * "-" * M.date_month * "-" * M.date_mday
M.rfc3339_partial_time = M.time_hour * ":" * M.time_minute * ":" * M.time_second * M.time_secfrac^-1
M.rfc3339_full_time = M.rfc3339_partial_time * M.rfc3339_time_offset
M.rfc3339 = Ct(M.rfc3339_full_date * "T" * M.rfc3339_full_time)

-- ---------------------------------------------------------------------------------------------------------------------
-- strftime

local century = string.sub(os.date("%Y"), 1, 2)

local hour_minute_second = M.time_hour * ":" * M.time_minute * ":" * M.time_second
local week = R"04" * digit + "5" * R"03"

-- Letters without a capture (a A C h.. as noted) take part in the match alone.
local specifier = {
    a = any_of{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
    A = any_of{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
    b = M.date_mabbr,
    B = M.date_mfull,
    C = two_digits,
    d = M.date_mday,
    e = M.date_mday_sp,
    f = Cg(digit^1 / ".%0" / tonumber, "sec_frac"),
    F = M.rfc3339_full_date,
    G = M.date_fullyear,
    h = M.date_mabbr,
    H = M.time_hour,
    I = Cg("0" * digit + "1" * R"02", "hour"),
    j = "00" * R"19"
        + "0" * two_digits
        + S"12" * two_digits
        + "3" * R"05" * digit
        + "36" * R"06",
    k = Cg(S" 1" * digit + "2" * R"03", "hour"),
    l = Cg(space * digit + "1" * R"02", "hour"),
    m = M.date_month,
    M = M.time_minute,
    n = P"\n",
    p = Cg(P"AM" + "PM", "period"),
    R = M.time_hour * ":" * M.time_minute,
    s = Cg(digit^1 / tonumber, "time_t"),
    S = Cg(R"05" * digit + "6" * S"01", "sec"),
    t = P"\t",
    T = hour_minute_second,
    u = R"17",
    U = week,
    V = week,
    w = R"06",
    W = week,
    X = hour_minute_second,
    y = Cg(two_digits / function(yy) return century .. yy end, "year"),
    Y = M.date_fullyear,
    z = M.timezone_offset,
    Z = M.timezone,
    ["%"] = P"%",
}
specifier.g = specifier.y
specifier.D = M.date_month * "/" * M.date_mday * "/" * specifier.y
specifier.x = specifier.D
specifier.r = specifier.I * ":" * M.time_minute * ":" * M.time_second * " " * specifier.p
specifier.c = specifier.a * " " * M.date_mabbr * " " * M.date_mday_sp * " " * hour_minute_second * " "
    * M.date_fullyear

local function specifier_grammar(letter)
    local grammar = specifier[letter]
    if not grammar then error("unknown strftime specifier: " .. letter) end
    return grammar
end

-- A format is read into a list of patterns. One whitespace character stands for one of any kind.
local strftime_format
do
    local whitespace = space * Cc(space)
    local conversion = "%" * (lpeg.alnum + "%")
    local literal = (1 - (space + conversion))^1 / P
    strftime_format = Cf(
        (whitespace + "%" * ((lpeg.alnum + "%") / specifier_grammar) + literal)^1,
        function(before, item) return before * item end)
end

function M.build_strftime_grammar(format)
    local grammar = strftime_format:match(format)
    if not grammar then error("could not parse the strftime format") end
    return Ct(grammar)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Whole timestamps

M.clf_timestamp = Ct(M.date_mday * "/" * M.date_mabbr * "/" * M.date_fullyear * ":" * hour_minute_second * " "
    * M.timezone_offset)

-- Several spaces cover senders that pad the day with a zero, a space or not at all.
M.rfc3164_timestamp = Ct(M.date_mabbr * P" "^1 * Cg(digit^-2, "day") * P" "^1 * hour_minute_second
    * Cg(Cc"" / function() return os.date("%Y") end, "year"))

M.mysql_timestamp = Ct(M.date_fullyear * M.date_month * M.date_mday
    * M.time_hour * M.time_minute * M.time_second)

M.pgsql_timestamp = Ct(M.rfc3339_full_date * " " * hour_minute_second)

-- ---------------------------------------------------------------------------------------------------------------------
-- Conversion

function M.time_to_ns(t)
    if type(t) ~= "table" then return 0 end
    if t.time_t then return t.time_t * 1e9 end

    if t.period then
        local hour = tonumber(t.hour)
        if t.period == "AM" and hour == 12 then
            hour = 0
        elseif t.period == "PM" and hour and hour < 12 then
            hour = hour + 12
        end
        t.hour = hour
    end

    local seconds = os.time(t)
    if not seconds then return 0 end

    local east = 0
    if t.offset_hour then
        east = t.offset_hour * 3600 + t.offset_min * 60
        if t.offset_sign ~= "+" then east = -east end
    end
    return (seconds + (t.sec_frac or 0) - east) * 1e9
end

function M.seconds_to_ns(seconds)
    return tonumber(seconds) * 1e9
end

return M
