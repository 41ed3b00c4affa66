--[[
Syslog lines: grammars made from rsyslog templates, and the building blocks that the grammars of
single programs (lpeg.linux.*, lpeg.bsd.*) share.

Functions
  build_rsyslog_grammar(template)
      A grammar for lines that rsyslog wrote with this template. A match is a table of the
      template's properties under their lower-case names (timereported is named timestamp):
        pri         {facility = number, severity = number}
        syslogtag   {programname = string, pid = number or nil}
        timestamp, timegenerated   nanoseconds since 1970; date-subseconds adds its fraction to them
        structured-data   {id = string, _<param> = string, ...}; "-" gives an empty table
        syslogfacility, syslogseverity, syslogpriority and their -text forms, pri-text   numbers
        all others  text
      Errors: "invalid rsyslog property: '<name>'", "could not parse the rsyslog template".
  capture_until(name, stop)
      Captures as `name` what comes before the first match of `stop`, or all of it.
  capture_followed_by(name, stop)
      The same, and then matches `stop`.

Patterns
  severity, facility   a word of syslog, captured as its number
  integer, float       a decimal number (float: with a fraction), captured as a number
  notspace             everything before the next space, possibly nothing
  commonmac            six pairs of hexadecimal digits separated by colons
--]]

local l = require "lpeg"
l.locale(l)
local math = require "math"
local string = require "string"
local table = require "table"
local dt = require "lpeg.date_time"
local ip = require "lpeg.ip_address"

local error, ipairs, pairs, rawset = error, ipairs, pairs, rawset
local tonumber, type = tonumber, type

local P, R, S = l.P, l.R, l.S
local C, Cc, Cf, Cg, Cs, Ct = l.C, l.Cc, l.Cf, l.Cg, l.Cs, l.Ct

local M = {}

local any = P(1)
local digit = R"09"
local printable = R"!~"

-- Words -------------------------------------------------------------------------------------------

local severities = {
    emerg = 0, panic = 0, alert = 1, crit = 2, err = 3, error = 3, warn = 4, warning = 4,
    notice = 5, info = 6, debug = 7,
}

local facilities = {
    kern = 0, user = 1, mail = 2, daemon = 3, auth = 4, security = 4, syslog = 5, lpr = 6, news = 7,
    uucp = 8, cron = 9, authpriv = 10, ftp = 11, ntp = 12, audit = 13, alert = 14, clock = 15,
    local0 = 16, local1 = 17, local2 = 18, local3 = 19, local4 = 20, local5 = 21, local6 = 22,
    local7 = 23,
}

-- Matches one of the words, all in lower or all in upper case, and captures its number. Longer
-- words are tried first: "auth" must not take the beginning of "authpriv".
local function word_number(numbers)
    local words, by_word = {}, {}
    for word, number in pairs(numbers) do
        local upper = string.upper(word)
        by_word[word], by_word[upper] = number, number
        words[#words + 1] = word
        words[#words + 1] = upper
    end
    table.sort(words, function(a, b)
        if #a ~= #b then return #a > #b end
        return a < b
    end)
    local choice = P(false)
    for _, word in ipairs(words) do choice = choice + word end
    return choice / by_word
end

M.severity = word_number(severities)
M.facility = word_number(facilities)

-- Numbers and text --------------------------------------------------------------------------------

M.integer = P"-"^-1 * l.digit^1 / tonumber
M.float = P"-"^-1 * l.digit^1 * ("." * l.digit^1)^1 / tonumber
M.notspace = (1 - P" ")^0

local octet = l.xdigit * l.xdigit
M.commonmac = octet * ":" * octet * ":" * octet * ":" * octet * ":" * octet * ":" * octet

-- Everything before `stop`. For a literal, bytes that cannot begin it are skipped in one span; only
-- the others pay for the comparison with all of it.
local function before(stop)
    if type(stop) ~= "string" or stop == "" then return (1 - P(stop))^0 end
    local first = string.sub(stop, 1, 1)
    local skipped = (1 - P(first))^0
    if #stop == 1 then return skipped end
    return skipped * ((first - P(stop)) * skipped)^0
end

function M.capture_until(name, stop)
    return Cg(before(stop), name)
end

function M.capture_followed_by(name, stop)
    return Cg(before(stop), name) * stop
end

-- RFC 5424 ----------------------------------------------------------------------------------------

local nil_value = P"-"

local function unescape_parameter(value)
    return (string.gsub(value, '\\([]"\\])', "%1"))
end

local sd_name = (printable - S'=]" ')^-32
local sd_value = (1 - S'"\\]' + P"\\" * any)^0
local sd_parameter = Cg(sd_name / "_%0" * '="' * (sd_value / unescape_parameter) * '"')
local sd_element = "[" * Cf(Ct(Cg(sd_name, "id")) * (" " * sd_parameter)^0, rawset) * "]"

local structured_data = Ct(nil_value) + sd_element

local function at_most(length)
    return nil_value + printable^-length
end

-- Properties of rsyslog ---------------------------------------------------------------------------

local function split_priority(text)
    local priority = tonumber(text)
    return { facility = math.floor(priority / 8), severity = priority % 8 }
end

local priority = digit * digit^-2 / split_priority
local severity_digit = digit / tonumber
local program_name = (printable - S" :[")^0
local tag = Ct(Cg(program_name, "programname") * ("[" * Cg(l.digit^1 / tonumber, "pid") * "]")^-1)

local properties = {
    rawmsg = any^0,
    hostname = at_most(255),
    source = at_most(255),
    fromhost = at_most(255),
    ["fromhost-ip"] = ip.v4 + ip.v6,
    syslogtag = tag * P":"^-1,
    programname = program_name,
    pri = priority,
    ["pri-text"] = M.facility * "." * M.severity * "<" * priority * ">",
    iut = digit^1,
    syslogfacility = digit^-3 / tonumber,
    ["syslogfacility-text"] = M.facility,
    syslogseverity = severity_digit,
    ["syslogseverity-text"] = M.severity,
    syslogpriority = severity_digit,
    ["syslogpriority-text"] = M.severity,
    ["protocol-version"] = digit^1,
    ["structured-data"] = structured_data,
    ["app-name"] = at_most(48),
    procid = at_most(128),
    msgid = at_most(32),
    inputname = printable^0,
    ["$bom"] = P"\239\187\191",
    ["$now"] = dt.rfc3339_full_date,
    ["$year"] = dt.date_fullyear,
    ["$month"] = dt.date_month,
    ["$day"] = dt.date_mday,
    ["$hour"] = dt.time_hour,
    ["$hhour"] = "0" * S"01",
    ["$qhour"] = "0" * R"03",
    ["$minute"] = dt.time_minute,
}

-- The properties that are times, and what their captures are named.
local time_properties = {
    timestamp = "timestamp",
    timereported = "timestamp",
    timegenerated = "timegenerated",
}

local rfc3164 = dt.rfc3164_timestamp / dt.time_to_ns
local time_formats = {
    ["date-rfc3164"] = rfc3164,
    ["date-rfc3164-buggyday"] = rfc3164,
    ["date-mysql"] = dt.mysql_timestamp / dt.time_to_ns,
    ["date-pgsql"] = dt.pgsql_timestamp / dt.time_to_ns,
    ["date-rfc3339"] = dt.rfc3339 / dt.time_to_ns,
    ["date-unixtimestamp"] = digit * digit^-9 / dt.seconds_to_ns,
}

-- At most nine digits: more would be less than a nanosecond.
local subseconds = digit * digit^-8 / function(digits)
    return tonumber(digits) * 10^(9 - #digits)
end

-- A template writes seconds and their fraction as two properties of the same name. The fraction
-- waits under a name that no property can have, until the match is complete.
local function fraction_name(name)
    return name .. ":subseconds"
end

local function fraction_adder(name)
    local waiting = fraction_name(name)
    return function(fields)
        fields[name] = (fields[name] or 0) + fields[waiting]
        fields[waiting] = nil
        return fields
    end
end

-- Templates ---------------------------------------------------------------------------------------

local function unparsable()
    error("could not parse the rsyslog template")
end

local escapes = {
    a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v",
    ['"'] = '"', ["'"] = "'", ["\\"] = "\\", ["%"] = "%",
}

local function byte_of(decimal)
    local byte = tonumber(decimal)
    if byte > 255 then unparsable() end
    return string.char(byte)
end

-- %name:from:to:options%; the positions of a substring are not used.
local substring = ":" * (1 - S":%")^0 * ":" * (1 - S":%")^0
local property = "%" * Ct(
    Cg((l.alnum + S"-$")^1, "name") * substring^-1 * (":" * Cg((1 - P"%")^0, "options"))^-1
) * "%"

local escape = P"\\" / "" * (S'abfnrtv"\'\\%' / escapes + digit * digit^-2 / byte_of)
local literal = Cs((escape + (1 - (l.space + "\\" + property)))^1)

-- A template as a list: `true` for white space, a string for a literal, a table for a property.
local template_items = Ct((l.space * Cc(true) + property + literal)^1) * -1

local SPACE_IF_NEEDED = "sp-if-no-1st-sp"

function M.build_rsyslog_grammar(template)
    local items = template_items:match(template)
    if not items then unparsable() end

    local grammar = P(true)
    local fractions = {}
    local stop = "\n" -- where a message ends: at the last byte of the literal that precedes it
    for _, item in ipairs(items) do
        if item == true then
            grammar = grammar * l.space
        elseif type(item) == "string" then
            grammar = grammar * item
            stop = string.sub(item, -1)
        elseif item.options == SPACE_IF_NEEDED then
            grammar = grammar * P" "^1
        else
            local name = string.lower(item.name)
            local pattern = properties[name]
            if name == "msg" then
                pattern = before(stop)
            elseif time_properties[name] then
                name = time_properties[name]
                local format = string.lower(item.options or "")
                if format == "date-subseconds" then
                    fractions[name] = true
                    name, pattern = fraction_name(name), subseconds
                else
                    pattern = time_formats[format] or rfc3164
                end
            end
            if not pattern then error(string.format("invalid rsyslog property: '%s'", name)) end
            grammar = grammar * Cg(pattern, name)
            stop = "\n"
        end
    end

    grammar = Ct(grammar)
    for name in pairs(fractions) do grammar = grammar / fraction_adder(name) end
    return grammar
end

return M
