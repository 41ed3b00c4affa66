-- Tests of lpeg.common_log_format. Expected times go through os.time, so that they hold in any time zone.
require "string"
require "os"
local clf = require "lpeg.common_log_format"

local function text_of(value)
    if type(value) ~= "table" then return type(value) .. " " .. tostring(value) end
    if value.representation then return text_of(value.value) .. " (" .. value.representation .. ")" end
    local text = "{"
    for _, item in ipairs(value) do text = text .. text_of(item) .. ", " end
    return text .. "}"
end

local function equal(actual, expected, what)
    if text_of(actual) ~= text_of(expected) then
        error(string.format("%s: expected %s, got %s", what, text_of(expected), text_of(actual)), 2)
    end
end

-- Compares all fields, both ways.
local function check(fields, expected, what)
    if not fields then error("no match: " .. what, 2) end
    for name, value in pairs(expected) do equal(fields[name], value, what .. ": " .. name) end
    for name in pairs(fields) do
        if expected[name] == nil then error(what .. ": unexpected " .. name, 2) end
    end
end

local function ns(year, month, day, hour, min, sec, east)
    return (os.time{year = year, month = month, day = day, hour = hour, min = min, sec = sec} - (east or 0)) * 1e9
end

local function ipv4(text) return {value = text, representation = "ipv4"} end
local function ipv6(text) return {value = text, representation = "ipv6"} end
local function name(text) return {value = text, representation = "hostname"} end
local function bytes(n) return {value = n, representation = "B"} end

local COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
local LINE = '203.0.113.9 - ann [17/Oct/2020:21:05:59 +0200] "GET /x?y=1 HTTP/1.1" 404 1532 "http://a.example/" "curl/7.68.0 (\\"quoted\\")"'
local FIELDS = {
    remote_addr = ipv4("203.0.113.9"),
    remote_user = "ann",
    time = ns(2020, 10, 17, 21, 5, 59, 7200),
    request = "GET /x?y=1 HTTP/1.1",
    status = 404,
    body_bytes_sent = bytes(1532),
    http_referer = "http://a.example/",
    http_user_agent = 'curl/7.68.0 (\\"quoted\\")',
}

function test_nginx_combined()
    check(clf.build_nginx_grammar(COMBINED):match(LINE), FIELDS, LINE)
end

function test_nginx_variables()
    local cases = {
        {"$binary_remote_addr", "\1\2\3\4", "\1\2\3\4"},
        {"$body_bytes_sent", "0", bytes(0)}, {"$bytes_sent", "77", bytes(77)}, {"$content_length", "5", bytes(5)},
        {"$request_length", "-1", bytes(-1)},
        {"$connection", "9", 9}, {"$connection_requests", "0", 0}, {"$pid", "123", 123}, {"$remote_port", "65535",
            65535},
        {"$server_port", "80", 80}, {"$tcpinfo_rtt", "1", 1}, {"$tcpinfo_rttvar", "2", 2}, {"$tcpinfo_snd_cwnd", "3",
            3},
        {"$tcpinfo_rcv_space", "4", 4}, {"$status", "204", 204},
        {"$host", "WWW.Example.org", name("WWW.Example.org")}, {"$hostname", "2001:db8::1", ipv6("2001:db8::1")},
        {"$proxy_protocol_addr", "10.0.0.1", ipv4("10.0.0.1")}, {"$server_addr", "::1", ipv6("::1")},
        {"$server_name", "a%20b", name("a%20b")},
        {"$https", "on", "on"}, {"$https", "", ""}, {"$is_args", "?", "?"}, {"$is_args", "", ""},
        {"$pipe", "p", "p"}, {"$pipe", ".", "."}, {"$request_completion", "OK", "OK"}, {"$request_completion", "", ""},
        {"$nginx_version", "1.18.0", "1.18.0"}, {"$request_method", "M-SEARCH", "M-SEARCH"},
        {"$request_time", "0.250", {value = 0.25, representation = "s"}},
        {"$scheme", "http", "http"}, {"$scheme", "https", "https"}, {"$server_protocol", "HTTP/2.0", "HTTP/2.0"},
        {"$uri", "/a/b", "/a/b"}, {"$cookie_x", "", ""},
    }
    for _, case in ipairs(cases) do
        local variable = string.sub(case[1], 2)
        check(clf.build_nginx_grammar(case[1]):match(case[2]), {[variable] = case[3]}, case[1] .. " of " .. case[2])
    end
end

function test_nginx_times()
    local t = ns(2020, 10, 17, 21, 5, 59, -12600)
    check(clf.build_nginx_grammar("$time_local"):match("17/Oct/2020:21:05:59 -0330"), {time = t}, "time_local")
    check(clf.build_nginx_grammar("$time_iso8601"):match("2020-10-17T21:05:59-03:30"), {time = t}, "time_iso8601")
    check(clf.build_nginx_grammar("$time_iso8601"):match("2020-10-17T21:05:59.5-03:30"), {time = t + 5e8}, "fraction")
    check(clf.build_nginx_grammar("$msec"):match("1602968759.250"), {time = 1602968759.25e9}, "msec")
end

-- The time of one line is used for the next: not for another hour, day or zone.
function test_each_line_has_its_own_time()
    local clf_grammar = clf.build_nginx_grammar("$time_local")
    local iso_grammar = clf.build_nginx_grammar("$time_iso8601")
    local times = {
        {2020, 2, 28, 23, 59, 59, 0}, {2020, 2, 28, 23, 59, 59, 0}, {2020, 2, 28, 23, 0, 0, 0}, {2020, 2, 28, 23, 59,
            60, 0},
        {2020, 2, 28, 23, 59, 60, 3600}, {2020, 2, 29, 23, 59, 59, 3600}, {2020, 3, 29, 23, 59, 59, 3600},
        {2021, 3, 29, 23, 59, 59, 3600}, {2021, 3, 29, 22, 59, 59, 3600}, {1935, 3, 29, 22, 1, 2, 3600},
        {1970, 1, 2, 0, 0, 0, 3600}, {9999, 12, 31, 23, 59, 59, 0}, {2020, 2, 28, 23, 59, 59, 0},
    }
    local months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
    for _, t in ipairs(times) do
        local year, month, day, hour, min, sec, east = unpack(t)
        local zone_hour = east / 3600
        local expected = {time = ns(unpack(t))}
        local text = string.format("%02d/%s/%04d:%02d:%02d:%02d +%02d00", day, months[month], year, hour, min, sec,
            zone_hour)
        check(clf_grammar:match(text), expected, text)
        text = string.format("%04d-%02d-%02dT%02d:%02d:%02d+%02d:00", year, month, day, hour, min, sec, zone_hour)
        check(iso_grammar:match(text), expected, text)
    end
end

function test_nginx_upstreams()
    local grammar = clf.build_nginx_grammar(
        "$upstream_addr $upstream_cache_status $upstream_response_length $upstream_response_time $upstream_status "
            .. '"$upstream_http_via" $upstream_cache_last_modified')
    check(grammar:match('10.0.0.1:80, unix:/run/app : 10.0.0.2:81 STALE 10, 20 : 30 0.5, - : 1.25 502, - : 200 "a b" '
        .. "Tue, 06 Oct 2020 07:08:09 GMT"), {
        upstream_addr = {"10.0.0.1:80", "unix:/run/app", "10.0.0.2:81"},
        upstream_cache_status = "STALE",
        upstream_response_length = {value = {10, 20, 30}, representation = "B"},
        upstream_response_time = {value = {0.5, 0, 1.25}, representation = "s"},
        upstream_status = {502, 0, 200},
        upstream_http_via = "a b",
        upstream_cache_last_modified = ns(2020, 10, 6, 7, 8, 9),
    }, "upstreams")
    check(grammar:match('- - - - - "-" -'), {
        upstream_addr = {"-"},
        upstream_cache_status = "-",
        upstream_response_length = "-",
        upstream_response_time = {value = {0}, representation = "s"},
        upstream_status = {0},
        upstream_http_via = "-",
        upstream_cache_last_modified = "-",
    }, "no upstream")
end

function test_free_text_ends_at_what_stands_before_it()
    -- After a bar at the next bar, though a space follows it in the format; so b takes all, and c finds none.
    local grammar = clf.build_nginx_grammar("|$a|$b $c")
    assert(grammar:match("|1 2|3 4 5") == nil)
    check(clf.build_nginx_grammar("|$a|$b| $c"):match("|1 2|3 4| 5 6"), {a = "1 2", b = "3 4", c = "5"}, "bars")
    check(clf.build_nginx_grammar("$a"):match("1 2"), {a = "1"}, "the start")
end

function test_nginx_formats_with_several_spaces_and_literals()
    check(clf.build_nginx_grammar("$status  sent=$body_bytes_sent"):match("200 \t sent=5"),
        {status = 200, body_bytes_sent = bytes(5)}, "spaces")
    check(clf.build_nginx_grammar("plain"):match("plain text"), {}, "no variable")
end

function test_apache_directives()
    local cases = {
        {"%a", "10.0.0.1", "remote_addr", ipv4("10.0.0.1")}, {"%A", "::1", "server_addr", ipv6("::1")},
        {"%B", "5", "body_bytes_sent", bytes(5)}, {"%b", "-", "body_bytes_sent", bytes(0)}, {"%b", "5",
            "body_bytes_sent", bytes(5)},
        {"%D", "1500", "request_time", {value = 1500, representation = "us"}},
        {"%T", "2", "request_time", {value = 2, representation = "s"}},
        {"%f", "/srv/x", "request_filename", "/srv/x"}, {"%h", "h.example", "remote_addr", name("h.example")},
        {"%H", "HTTP/1.1", "server_protocol", "HTTP/1.1"}, {"%k", "3", "connection_requests", 3},
        {"%l", "-", "remote_user", "-"}, {"%L", "id-1", "request_log_id", "id-1"}, {"%m", "PATCH", "request_method",
            "PATCH"},
        {"%p", "443", "server_port", 443}, {"%P", "12", "pid", 12}, {"%q", "?a=b", "query_string", "?a=b"},
        {"%r", "GET", "request", "GET"}, {"%R", "cgi", "request_handler", "cgi"}, {"%s", "301", "status", 301},
        {"%>s", "301", "status", 301}, {"%<s", "301", "status", 301},
        {"%u", "ann", "remote_user", "ann"}, {"%U", "/x", "uri", "/x"}, {"%v", "v.example", "server_name",
            name("v.example")},
        {"%V", "v.example", "server_name", name("v.example")}, {"%X", "-", "connection_status", "-"},
        {"%I", "1", "request_length", bytes(1)}, {"%O", "2", "response_length", bytes(2)}, {"%S", "3", "total_length",
            bytes(3)},
        {"%t", "[17/Oct/2020:21:05:59 +0200]", "time", ns(2020, 10, 17, 21, 5, 59, 7200)},
        {"%{c}a", "10.0.0.1", "remote_addr", ipv4("10.0.0.1")},
        {"%{Sess-Id}C", "s", "cookie_Sess-Id", "s"}, {"%{PATH}e", "p", "env_PATH", "p"}, {"%{my-note}n", "n",
            "module_my-note", "n"},
        {'"%{X-Forwarded-For}i"', '"a, b"', "http_x_forwarded_for", "a, b"}, {"%{Set-Cookie}o", "c",
            "sent_http_set_cookie", "c"},
        {"%400,501{Via}i", "v", "http_via", "v"}, {"%!200{Via}i", "v", "http_via", "v"},
        {"%{SSL-X}x", "y", "ssl_x", "y"},
        {"%{canonical}p", "1", "server_port", 1}, {"%{local}p", "1", "server_port", 1}, {"%{remote}p", "1",
            "remote_port", 1},
        {"%{pid}P", "7", "pid", 7}, {"%{tid}P", "7", "tid", 7}, {"%{hextid}P", "fF", "tid", 255},
        {"%{sec}t", "12", "time", 12e9}, {"%{begin:sec}t", "12", "time", 12e9}, {"%{end:usec}t", "12", "time", 12e3},
        {"%{msec}t", "12", "time", 12e6}, {"%{msec_frac}t", "025", "sec_frac", 0.025}, {"%{end:usec_frac}t", "500000",
            "sec_frac", 0.5},
        {"%{%Y-%m-%d}t", "2020-10-17", "time", ns(2020, 10, 17, 12, 0, 0)},
        {"%{begin:%Y-%m-%d}t", "2020-10-17", "time", ns(2020, 10, 17, 12, 0, 0)},
    }
    for _, case in ipairs(cases) do
        local format, text, variable, value = unpack(case)
        check(clf.build_apache_grammar(format):match(text), {[variable] = value}, format .. " of " .. text)
    end
end

function test_apache_formats()
    local combined = '%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"'
    check(clf.build_apache_grammar(combined):match(LINE), FIELDS, "combined")
    check(clf.build_apache_grammar("%%%s\\t|%U|\\n"):match("%200\t|/x|\n"), {status = 200, uri = "/x"}, "literals")
end

function test_apache_literals_have_escapes()
    check(clf.build_apache_grammar('a\\tb\\\\c\\"d\\65\\-%s'):match('a\tb\\c"dA\\-200'), {status = 200}, "escapes")
end

function test_faulty_formats_say_why()
    local cases = {
        {clf.build_apache_grammar, "%Z", "unknown variable: Z"}, {clf.build_apache_grammar, "%{x}Z",
            "unknown variable: Z"},
        {clf.build_apache_grammar, "%{x}p", "unknown port format: x"}, {clf.build_apache_grammar, "%{x}P",
            "unknown pid format: x"},
        {clf.build_apache_grammar, "%{%Q}t", "unknown strftime specifier: Q"},
        {clf.build_apache_grammar, "", "could not parse the log_format configuration"},
        {clf.build_nginx_grammar, "", "could not parse the log_format configuration"},
    }
    for _, case in ipairs(cases) do
        local ok, message = pcall(case[1], case[2])
        assert(not ok, case[2])
        assert(string.find(message, case[3], 1, true), message)
    end
    for _, format in ipairs{false, {}} do
        assert(not pcall(clf.build_nginx_grammar, format))
        assert(not pcall(clf.build_apache_grammar, format))
    end
end

function test_nginx_error_lines()
    local grammar = clf.nginx_error_grammar
    local t = ns(2020, 10, 17, 21, 5, 59)
    check(grammar:match("2020/10/17 21:05:59 [error] 31#7: *99 open() failed: [x]"),
        {time = t, severity = 3, pid = 31, tid = 7, connection = 99, msg = "open() failed: [x]"}, "with a connection")
    check(grammar:match("2020/10/17 21:05:59 [emerg] 31#7: "), {time = t, severity = 0, pid = 31, tid = 7, msg = ""},
        "empty")
    local levels = {debug = 7, info = 6, notice = 5, warn = 4, error = 3, crit = 2, alert = 1, emerg = 0}
    for level, severity in pairs(levels) do
        assert(grammar:match("2020/10/17 21:05:59 [" .. level .. "] 1#1: x").severity == severity, level)
    end
    for _, text in ipairs{"", "2020/10/17 21:05:59 [fatal] 1#1: x", "2020/13/17 21:05:59 [warn] 1#1: x",
        "2020/10/17 21:05:59 [warn] 1: x"} do
        assert(grammar:match(text) == nil, text)
    end
end

function test_user_agents()
    local mozilla = "Mozilla/5.0 "
    local cases = {
        {"", nil, nil, nil}, {"-", nil, nil, nil}, {"Wget/1.20", nil, nil, nil},
        {mozilla .. "(X11; Linux x86_64; rv:78.0) Gecko/20100101 Firefox/78.0", "Firefox", 78, "Linux"},
        {mozilla .. "(Windows NT 10.0; Win64) Chrome/85.0.4183 Safari/537.36", "Chrome", 85, "Windows 10"},
        {mozilla .. "(Windows NT 10.0) Chrome/51.0 Safari/537.36 Edge/15.1", "Edge", 15, "Windows 10"},
        {mozilla .. "(Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko", "MSIE", 11, "Windows 8.1"},
        {mozilla .. "(compatible; MSIE 9.0; Windows NT 6.1)", "MSIE", 9, "Windows 7"},
        {mozilla .. "(compatible; MSIE; Windows NT 6.2)", "MSIE", nil, "Windows 8"},
        {mozilla .. "(iPhone; CPU iPhone OS 13_5) Version/13.1 Mobile/15E148 Safari/604.1", "Safari", 604, "iPhone"},
        {mozilla .. "(iPod) Safari/x", "Safari", nil, "iPod"}, {mozilla .. "(iPad)", nil, nil, "iPad"},
        {mozilla .. "(Macintosh; Intel) Firefox/x", "Firefox", nil, "Macintosh"},
        {mozilla .. "(Mobile; rv:48.0) Firefox/48.0", "Firefox", 48, "FirefoxOS"},
        {mozilla .. "(BlackBerry)", nil, nil, "BlackBerry"}, {mozilla .. "(Windows NT 6.0)", nil, nil, "Windows Vista"},
        {mozilla .. "(Windows NT 5.1)", nil, nil, "Windows XP"}, {mozilla .. "(Windows NT 5.0)", nil, nil,
            "Windows 2000"},
        {"Opera/9.8 (Android; Opera Mini/7.5; U) Version/12.16", "Opera Mini", 12, "Android"},
        {"Opera/12.0 (Android; Opera Mobi/12; U)", "Opera Mobi", 12, "Android"}, {"Opera/9.80 (Linux) Version/11.6",
            "Opera", 11, "Linux"},
        {"Opera 9", "Opera", nil, nil},
        {"Firefox AndroidSync 1.30.0 (Firefox)", "FxSync", 1, "Android"}, {"Firefox-iOS-Sync/7.1 (iPhone)", "FxSync",
            7, "iOS"},
    }
    for _, case in ipairs(cases) do
        local browser, version, os_name = clf.normalize_user_agent(case[1])
        equal(browser, case[2], case[1])
        equal(version, case[3], case[1])
        equal(os_name, case[4], case[1])
    end
    assert(clf.normalize_user_agent(nil) == nil)
    assert(not pcall(clf.normalize_user_agent, {}))
    assert(clf.normalize_user_agent(string.rep("Opera/", 50000)) == "Opera")
end

function test_every_truncation_of_a_line()
    local grammar = clf.build_nginx_grammar(COMBINED)
    for length = 0, #LINE - 1 do
        local fields = grammar:match(string.sub(LINE, 1, length))
        assert(fields == nil, length)
    end
end

function test_hostile_lines()
    local grammar = clf.build_nginx_grammar(COMBINED)
    assert(not pcall(grammar.match, grammar, nil))
    assert(grammar:match(string.rep("1", 300000)) == nil)
    assert(grammar:match(string.rep("1.2.3.4 - ", 30000)) == nil)
    local long = string.rep("\\", 300001)
    local fields = grammar:match('::1 - - [17/Oct/2020:21:05:59 +0200] "' .. long .. ' " 200 1 "\0\255" ""')
    assert(fields and #fields.request == 300002)
    assert(fields.http_referer == "\0\255" and fields.http_user_agent == "")
    assert(grammar:match('::1 - - [17/Oct/2020:21:05:59 +0200] "' .. long) == nil)
    assert(type(clf.build_nginx_grammar(string.rep('"$a" ', 300)):match(string.rep('"x" ', 300))) == "table")
end
