-- lpeg.syslog: the grammars that rsyslog templates become, and the patterns it exports.
local l = require "lpeg"
local string = require "string"
local os = require "os"
local syslog = require "lpeg.syslog"

local TRADITIONAL_FILE =
    "%TIMESTAMP% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n"
local FORWARD =
    "<%PRI%>%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag:1:32%%msg:::sp-if-no-1st-sp%%msg%"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual),
            type(actual), tostring(expected)), 2)
    end
end

local function match(template, line)
    return syslog.build_rsyslog_grammar(template):match(line)
end

local function fault(template)
    local ok, err = pcall(syslog.build_rsyslog_grammar, template)
    equal(ok, false, "built")
    return tostring(err)
end

local function has(text, part)
    if not string.find(text, part, 1, true) then error("'" .. text .. "' lacks '" .. part .. "'",
        2) end
end

function test_the_traditional_file_format_gives_time_host_tag_and_message()
    local fields = match(TRADITIONAL_FILE,
        "Mar  4 05:06:07 db-3 ntpd[811]: synchronized, stratum 2\n")
    equal(os.date("%m-%d %H:%M:%S", fields.timestamp / 1e9), "03-04 05:06:07")
    equal(fields.hostname, "db-3")
    equal(fields.syslogtag.programname, "ntpd")
    equal(fields.syslogtag.pid, 811)
    equal(fields.msg, "synchronized, stratum 2")
end

function test_the_forward_format_gives_facility_and_severity_as_numbers()
    local fields = match(FORWARD, "<165>2021-07-28T10:11:12.250+02:00 gate app: up")
    equal(fields.pri.facility, 20)
    equal(fields.pri.severity, 5)
    equal(fields.timestamp, 1627459872250000000)
    equal(fields.msg, "up")
end

function test_a_line_without_a_tag_has_an_empty_program_name()
    local fields = match(FORWARD, "<14>2021-07-28T10:11:12Z gate    at Main.run(Main.java:7)")
    equal(fields.syslogtag.programname, "")
    equal(fields.syslogtag.pid, nil)
    equal(fields.msg, "at Main.run(Main.java:7)")
end

function test_a_template_takes_white_space_for_any_single_white_space()
    equal(match("%HOSTNAME% %msgid%", "a\tID7").msgid, "ID7")
    equal(match("%HOSTNAME% %msgid%", "a  ID7").msgid, "")
end

function test_property_names_are_matched_in_any_case_and_captured_in_lower_case()
    equal(match("%ProgramName%", "cron").programname, "cron")
end

function test_text_properties_stop_where_their_kind_of_text_stops()
    equal(match("%source%,", "-,").source, "-")
    equal(match("%fromhost-ip%", "2001:db8::9")["fromhost-ip"], "2001:db8::9")
    equal(match("%procid%|", "12|"), nil) -- a process id may contain any printable byte, also |
    equal(match("%procid% |", "12 |").procid, "12")
    equal(match("%app-name%", string.rep("x", 60))["app-name"], string.rep("x", 48))
    equal(match("%HOSTNAME%", string.rep("h", 300)).hostname, string.rep("h", 255))
    equal(match("%source%", string.rep("h", 300)).source, string.rep("h", 255))
    equal(match("%fromhost%", string.rep("h", 300)).fromhost, string.rep("h", 255))
    equal(match("%procid%", string.rep("1", 130)).procid, string.rep("1", 128))
    equal(match("%msgid%", string.rep("m", 33)).msgid, string.rep("m", 32))
    equal(match("%rawmsg%", "all of it").rawmsg, "all of it")
    equal(match("%inputname%", "imudp ").inputname, "imudp")
    equal(match("%protocol-version% %iut%", "1 5").iut, "5")
    equal(match("%$bom%%msg%", "\239\187\191text").msg, "text")
end

function test_the_numbers_of_severities_and_facilities_are_captured()
    local fields = match("%syslogfacility%.%syslogseverity%.%syslogpriority%", "10.3.4")
    equal(fields.syslogfacility, 10)
    equal(fields.syslogseverity, 3)
    equal(fields.syslogpriority, 4)
    fields = match("%syslogfacility-text%.%syslogseverity-text%", "LOCAL3.crit")
    equal(fields["syslogfacility-text"], 19)
    equal(fields["syslogseverity-text"], 2)
    equal(match("%pri-text%", "mail.warning<20>")["pri-text"], 2)
end

function test_system_properties_are_text()
    local fields = match(
        "%$NOW% %$YEAR%/%$MONTH%/%$DAY% %$HOUR% %$HHOUR% %$QHOUR% %$MINUTE%",
        "2021-07-28 2021/07/28 10 01 03 11")
    equal(fields["$now"], "2021-07-28")
    equal(fields["$year"], "2021")
    equal(fields["$month"], "07")
    equal(fields["$day"], "28")
    equal(fields["$hour"], "10")
    equal(fields["$hhour"], "01")
    equal(fields["$qhour"], "03")
    equal(fields["$minute"], "11")
end

function test_timereported_is_the_timestamp_and_timegenerated_a_time_of_its_own()
    local fields = match("%timereported:::date-rfc3339% %timegenerated:::date-rfc3339%",
        "2021-07-28T00:00:01Z 2021-07-28T00:00:02Z")
    equal(fields.timestamp, 1627430401e9)
    equal(fields.timegenerated, 1627430402e9)
    equal(fields.timereported, nil)
end

function test_database_times_are_understood()
    local expected = os.time{ year = 2021, month = 7, day = 28, hour = 10, min = 11,
        sec = 12 } * 1e9
    equal(match("%timestamp:::date-mysql%", "20210728101112").timestamp, expected)
    equal(match("%timestamp:::date-pgsql%", "2021-07-28 10:11:12").timestamp, expected)
end

function test_unix_timestamps_become_nanoseconds()
    equal(match("%timestamp:::date-unixtimestamp%", "1627459872").timestamp, 1627459872e9)
end

function test_subseconds_are_added_to_the_time_of_the_same_name()
    local template = "%timestamp:::date-unixtimestamp%.%timestamp:::date-subseconds% %msg%"
    local fields = match(template, "1627459872.250001 text")
    equal(fields.timestamp, 1627459872250001000)
    equal(fields.msg, "text")
    equal(match("%timegenerated:::date-subseconds%", "5").timegenerated, 500000000)
    local names = 0
    for _ in pairs(fields) do names = names + 1 end
    equal(names, 2, "fields")
end

function test_digits_that_are_no_time_do_not_match()
    equal(match("%timestamp:::date-unixtimestamp% ", string.rep("9", 400) .. " "), nil)
    equal(match("%timestamp:::date-subseconds% ", string.rep("9", 400) .. " "), nil)
end

function test_a_message_ends_at_the_last_byte_of_the_literal_before_it()
    local fields = match('m="%msg%" h=%HOSTNAME%', 'm="one two" h=x')
    equal(fields.msg, "one two")
    equal(fields.hostname, "x")
    equal(match("[%msg%", "a"), nil)
end

function test_a_message_without_a_literal_before_it_ends_with_the_line()
    equal(match("%msg%\\n%HOSTNAME%", "text: more\nx").msg, "text: more")
end

function test_where_a_message_ends_does_not_depend_on_templates_built_before()
    syslog.build_rsyslog_grammar("%HOSTNAME%,")
    equal(match("%msg%", "a,b").msg, "a,b")
end

function test_structured_data_becomes_a_table_of_its_parameters()
    local line = [=[[exampleSDID@32473 iut="3" eventSource="App \"x\" \\ \]" empty=""]]=]
    local data = match("%STRUCTURED-DATA%", line)["structured-data"]
    equal(data.id, "exampleSDID@32473")
    equal(data._iut, "3")
    equal(data._eventSource, [=[App "x" \ ]]=])
    equal(data._empty, "")
    equal(match("%STRUCTURED-DATA%", [=[[a x="c:\d"]]=])["structured-data"]._x, [[c:\d]])
end

function test_absent_structured_data_is_an_empty_table()
    local data = match("%STRUCTURED-DATA%", "-")["structured-data"]
    equal(type(data), "table")
    equal(next(data), nil)
end

function test_structured_data_that_is_cut_off_does_not_match()
    for _, line in ipairs{ "", "[", "[a", '[a x', '[a x="1', '[a x="1"', '[a x="1\\"]' } do
        equal(match("%STRUCTURED-DATA%", line), nil, line)
    end
end

function test_literals_know_escapes()
    equal(match([[\t\"\065\%%msgid%\\]], '\t"A%ID\\'), nil) -- an id may contain a backslash
    equal(match([[\t\"\065\%\\%msgid%]], '\t"A%\\ID').msgid, "ID")
    equal(match([[\%PRI\% %msgid%]], "%PRI% ID").msgid, "ID")
    equal(match("100% %msgid%", "100% ID").msgid, "ID")
end

function test_malformed_templates_are_refused()
    for _, template in ipairs{ "", [[%msg%\]], [[\q]], [[\300]], [[%HOSTNAME%\%]] .. "\\" } do
        has(fault(template), "could not parse the rsyslog template")
    end
end

function test_an_unknown_property_is_named_in_the_error()
    has(fault("%NoSuch:1:2%"), "invalid rsyslog property: 'nosuch'")
    has(fault("%$whatever%"), "invalid rsyslog property: '$whatever'")
end

function test_an_incomplete_property_is_a_literal()
    equal(match("%PRI", "<13>"), nil)
    equal(type(match("%PRI", "%PRI")), "table")
end

function test_a_property_does_not_reach_over_a_percent_sign()
    local fields = match("%syslogtag:1% %timestamp:::date-rfc3339%", "a: 2021-07-28T00:00:01Z")
    equal(fields.syslogtag.programname, "a")
    equal(fields.timestamp, 1627430401e9)
end

function test_an_empty_priority_does_not_match()
    equal(match("<%PRI%>%msg%", "<>text"), nil)
    equal(match("%pri-text%", "mail.info<>"), nil)
end

function test_empty_and_truncated_lines_do_not_match()
    local grammar = syslog.build_rsyslog_grammar(FORWARD)
    local line = "<165>2021-07-28T10:11:12.250+02:00 gate app: up"
    for length = 0, 34 do equal(grammar:match(string.sub(line, 1, length)), nil, length) end
end

function test_huge_lines_are_taken_whole()
    local text = string.rep("payload ", 20000)
    local fields = match(FORWARD, "<165>2021-07-28T10:11:12Z gate app: " .. text)
    equal(#fields.msg, #text)
    local data = '[a' .. string.rep(' x="\\"y"', 2000) .. "]"
    equal(match("%STRUCTURED-DATA%", data)["structured-data"]._x, '"y')
end

function test_severity_and_facility_words_are_numbers()
    local severities = { debug = 7, INFO = 6, notice = 5, warning = 4, warn = 4, error = 3, ERR = 3,
        crit = 2, alert = 1, emerg = 0, PANIC = 0 }
    for word, number in pairs(severities) do
        equal(l.match(syslog.severity * -1, word), number, word)
    end
    local facilities = { kern = 0, user = 1, mail = 2, daemon = 3, auth = 4, security = 4,
        syslog = 5, lpr = 6, news = 7, uucp = 8, cron = 9, authpriv = 10, AUTHPRIV = 10, ftp = 11,
        ntp = 12, audit = 13, alert = 14, clock = 15, local0 = 16, local1 = 17, local2 = 18,
        local3 = 19, local4 = 20, local5 = 21, local6 = 22, local7 = 23, LOCAL7 = 23 }
    for word, number in pairs(facilities) do
        equal(l.match(syslog.facility * -1, word), number, word)
    end
    equal(l.match(syslog.severity, "Info"), nil)
    equal(l.match(syslog.facility, ""), nil)
end

function test_numbers_are_captured_as_numbers()
    equal(l.match(syslog.integer, "-12x"), -12)
    equal(l.match(syslog.integer, "x"), nil)
    equal(l.match(syslog.float, "3.25"), 3.25)
    equal(l.match(syslog.float, "-0.5"), -0.5)
    equal(l.match(syslog.float, "3"), nil)
end

function test_notspace_may_be_empty()
    equal(l.match(l.C(syslog.notspace), "ab c"), "ab")
    equal(l.match(l.C(syslog.notspace), " c"), "")
end

function test_commonmac_is_six_pairs()
    equal(l.match(syslog.commonmac * -1, "00:1a:2B:3c:4d:5e"), 18)
    equal(l.match(syslog.commonmac, "00:1a:2B:3c:4d"), nil)
end

function test_capture_until_leaves_what_it_stops_at()
    local function until_(stop, text)
        return l.match(l.Ct(syslog.capture_until("x", stop) * l.Cg(l.Cp(), "at")), text)
    end
    equal(until_(":", "ab:c").x, "ab")
    equal(until_(":", "ab:c").at, 3)
    equal(until_(" by ", "b by y by ").x, "b")
    equal(until_("aab", "aaaab").x, "aa")
    equal(until_("zz", "all of it").x, "all of it")
    equal(until_("", "abc").x, "")
    equal(until_(l.P";" + l.P(-1), "ab;c").x, "ab")
    equal(until_(l.P(-1), "abc").x, "abc")
end

function test_capture_followed_by_needs_what_it_stops_at()
    local grammar = l.Ct(syslog.capture_followed_by("x", "->") * l.Cg(l.Cp(), "at"))
    equal(grammar:match("a-b->c").x, "a-b")
    equal(grammar:match("a-b->c").at, 6)
    equal(grammar:match("a-b"), nil)
end

function test_a_search_for_a_literal_takes_time_in_proportion_to_the_line()
    local grammar = l.Ct(syslog.capture_followed_by("x", "aab"))
    equal(grammar:match(string.rep("a", 200000)), nil)
end
