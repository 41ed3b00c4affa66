--[[
Access logs of nginx and Apache.

  build_nginx_grammar(log_format)    pattern for the lines of an nginx log_format; captures a table
  build_apache_grammar(log_format)   pattern for the lines of an Apache LogFormat; captures a table of the same names
  nginx_error_grammar                nginx's error log: time (ns), severity (0..7), pid, tid, connection (if any), msg
  normalize_user_agent(text)         browser, version (number), os of a user agent; each may be nil

Values in a table, by variable:
  numbers             connection connection_requests pid remote_port server_port status tcpinfo_* tid
  sizes               {value = n, representation = "B"}
                      body_bytes_sent bytes_sent content_length request_length response_length total_length
  hosts               {value = text, representation = "ipv4" | "ipv6" | "hostname"}
                      host hostname proxy_protocol_addr remote_addr server_addr server_name
  request_time        {value = n, representation = "s"}; Apache's %D is in "us"
  time                nanoseconds since 1970, of $time_local, $time_iso8601, $msec or %t
  upstream_addr, upstream_status, upstream_response_length, upstream_response_time
                      arrays, the last two as the value of a size and a time. "-" stands for no upstream: {"-"}, {0}, 0
                      within a time, and just "-" for the lengths and upstream_cache_last_modified (ns)
  all others          text

Where free text ends is seen from what stands before it in the format: at the same character as the literal before ended
with, after a quotation mark at the next one that is not escaped, else at white space.
--]]

local lpeg = require "lpeg"
local math = require "math"
local string = require "string"
local date_time = require "lpeg.date_time"
local ip = require "lpeg.ip_address"

local error, ipairs, tonumber = error, ipairs, tonumber
local byte, char, find, gsub, lower, sub = string.byte, string.char, string.find, string.gsub, string.lower, string.sub
local floor = math.floor
local time_to_ns, seconds_to_ns = date_time.time_to_ns, date_time.seconds_to_ns

lpeg.locale(lpeg)
local P, R, S, C, Cc, Cg, Cs, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cc, lpeg.Cg, lpeg.Cs, lpeg.Ct
local digit, alpha, alnum, xdigit, space = lpeg.digit, lpeg.alpha, lpeg.alnum, lpeg.xdigit, lpeg.space

local M = {}

-- ---------------------------------------------------------------------------------------------------------------------
-- Time

-- A function from a timestamp's text to nanoseconds. `grammar` captures the text as a table for time_to_ns; the text has the
-- hour up to `hour_end`, then a separator, the minute, a separator, the second and what else there is (the time zone).
-- Lines of a log follow each other: within the hour of the line before only minute and second are read anew, and nothing
-- when the text is the same.
local function by_the_hour(grammar, hour_end)
    local minute_at, zone_at = hour_end + 2, hour_end + 7
    local hour, zone, hour_starts
    local last_text, last_ns
    return function(text)
        if text == last_text then return last_ns end
        local m1, m2, _, s1, s2 = byte(text, minute_at, zone_at - 1)
        -- 48 is the character "0": 528 is what both digits have too much, 31680 is that in minutes.
        local into_hour = (m1 * 10 + m2) * 60 - 31680 + s1 * 10 + s2 - 528
        local text_hour, text_zone = sub(text, 1, hour_end), sub(text, zone_at)
        if text_hour ~= hour or text_zone ~= zone then
            local ns = time_to_ns(grammar:match(text))
            -- No time at all (out of the host's range): nothing to count on from.
            if ns == 0 then return 0 end
            hour, zone, hour_starts = text_hour, text_zone, floor(ns / 1e9 + 0.5) - into_hour
        end
        last_text, last_ns = text, (hour_starts + into_hour) * 1e9
        return last_ns
    end
end

-- The same languages as in date_time, without its captures.
local month_number = "0" * R"19" + "1" * R"02"
local month_name = "J" * (P"an" + "un" + "ul") + "Ma" * S"ry" + "A" * (P"pr" + "ug")
    + P"Feb" + "Sep" + "Oct" + "Nov" + "Dec"
local day = "0" * R"19" + S"12" * digit + "3" * S"01"
local year = digit * digit * digit * digit
local hour = S"01" * digit + "2" * R"03"
local minute = R"05" * digit
local clock = hour * ":" * minute * ":" * (minute + "60")

local clf_time = day * "/" * month_name * "/" * year * ":" * clock * " " * S"+-" * hour * minute
    / by_the_hour(date_time.clf_timestamp, 14)

local iso_time = year * "-" * month_number * "-" * day * "T" * clock * ("Z" + S"+-" * hour * ":" * minute)
    / by_the_hour(date_time.rfc3339, 13)
    + date_time.rfc3339 / time_to_ns

local nginx_error_time = year * "/" * month_number * "/" * day * " " * clock
    / by_the_hour(date_time.build_strftime_grammar("%Y/%m/%d %T"), 13)

-- ---------------------------------------------------------------------------------------------------------------------
-- Values

local function with_representation(value, representation)
    return Ct(Cg(value, "value") * Cg(Cc(representation), "representation"))
end

local integer = P"-"^-1 * digit^1 / tonumber
local double = digit^1 * "." * digit^1 / tonumber
local size = with_representation(integer, "B")
local status = digit * digit * digit / tonumber
local version = digit^1 * "." * digit^1

local plain = alnum + S"-._~!$&'()*+,;="
local host_name = (plain^1 + "%" * xdigit * xdigit)^1
local host = with_representation(ip.v4, "ipv4")
    + with_representation(ip.v6, "ipv6")
    + with_representation(host_name, "hostname")

local method = (alnum + S"!#$%&'*+-.^_`|~")^1

-- nginx asks one upstream after the other: ", " within a group of servers, " : " between groups.
local function upstreams(item)
    local group = item * (", " * item)^0
    return Ct(group * (" : " * group)^0)
end
local no_value = "-" * Cc(0)

-- Free text up to `terminator`, the character before it in the format or white space.
local function text_up_to(terminator)
    if terminator ~= '"' then return (1 - P(terminator))^0 end
    return ((1 - S'"\\')^1 + P'\\"' + "\\")^0
end

local nginx_variables = {
    binary_remote_addr = P(4),
    body_bytes_sent = size,
    bytes_sent = size,
    connection = integer,
    connection_requests = integer,
    content_length = size,
    host = host,
    hostname = host,
    https = P"on"^-1,
    is_args = P"?"^-1,
    msec = double / seconds_to_ns,
    nginx_version = version * "." * digit^1,
    pid = integer,
    pipe = S"p.",
    proxy_protocol_addr = host,
    remote_addr = host,
    remote_port = integer,
    request_completion = P"OK"^-1,
    request_length = size,
    request_method = method,
    request_time = with_representation(double, "s"),
    scheme = P"https" + "http",
    server_addr = host,
    server_name = host,
    server_port = integer,
    server_protocol = "HTTP/" * version,
    status = status,
    tcpinfo_rtt = integer,
    tcpinfo_rttvar = integer,
    tcpinfo_snd_cwnd = integer,
    tcpinfo_rcv_space = integer,
    time_iso8601 = iso_time,
    time_local = clf_time,
    upstream_addr = upstreams(C((1 - S", ")^1)) + "-",
    upstream_cache_status = P"HIT" + "MISS" + "EXPIRED" + "BYPASS" + "STALE" + "UPDATING" + "REVALIDATED" + "-",
    upstream_cache_last_modified = date_time.build_strftime_grammar("%a, %d %b %Y %T GMT") / time_to_ns + "-",
    upstream_response_length = with_representation(upstreams(integer), "B") + "-",
    upstream_response_time = with_representation(upstreams(double + no_value), "s"),
    upstream_status = upstreams(status + no_value),
}
local time_variables = {msec = true, time_iso8601 = true, time_local = true}

-- ---------------------------------------------------------------------------------------------------------------------
-- Formats

-- A format is read into an array of items: true for white space, text for a literal, and for a variable what `variable`
-- captures, a function from the terminator to a pattern.
local function build_grammar(format, log_format)
    local items = format:match(log_format)
    if not items then error("could not parse the log_format configuration") end
    local grammar, terminator = P(true), space
    for _, item in ipairs(items) do
        if item == true then
            grammar, terminator = grammar * space^1, space
        elseif lpeg.type(item) == "pattern" then
            grammar = grammar * item
        elseif item.literal then
            grammar, terminator = grammar * item.literal, sub(item.literal, -1)
        else
            grammar = grammar * Cg(text_up_to(terminator), item.text)
        end
    end
    return Ct(grammar)
end

local function format_grammar(variable, decode)
    local whitespace = space^1 * Cc(true)
    local literal = (1 - (space + variable))^1 / function(text) return {literal = decode(text)} end
    return Ct((whitespace + variable + literal)^1)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- nginx

local function nginx_variable(name)
    local grammar = nginx_variables[name]
    if not grammar then return {text = name} end
    return Cg(grammar, time_variables[name] and "time" or name)
end

local nginx_format = format_grammar(
    "$" * ((alnum + "_")^1 / nginx_variable),
    function(text) return text end)

function M.build_nginx_grammar(log_format)
    return build_grammar(nginx_format, log_format)
end

local severity = (P"debug" * Cc(7) + P"info" * Cc(6) + P"notice" * Cc(5) + P"warn" * Cc(4)
    + P"error" * Cc(3) + P"crit" * Cc(2) + P"alert" * Cc(1) + P"emerg" * Cc(0))

local number = digit^1 / tonumber

M.nginx_error_grammar = Ct(Cg(nginx_error_time, "time")
    * space * "[" * Cg(severity, "severity") * "]"
    * space * Cg(number, "pid") * "#" * Cg(number, "tid") * ": "
    * ("*" * Cg(number, "connection") * " ")^-1
    * Cg(P(1)^0, "msg"))

-- ---------------------------------------------------------------------------------------------------------------------
-- Apache

local server_name = Cg(host, "server_name")
local remote_address = Cg(host, "remote_addr")
local remote_user = {text = "remote_user"}

local apache_directives = {
    ["%"] = P"%",
    a = remote_address,
    A = Cg(host, "server_addr"),
    b = Cg(with_representation(integer + no_value, "B"), "body_bytes_sent"),
    B = Cg(size, "body_bytes_sent"),
    D = Cg(with_representation(integer, "us"), "request_time"),
    f = {text = "request_filename"},
    h = remote_address,
    H = Cg("HTTP/" * version, "server_protocol"),
    I = Cg(size, "request_length"),
    k = Cg(integer, "connection_requests"),
    l = remote_user,
    L = {text = "request_log_id"},
    m = Cg(method, "request_method"),
    O = Cg(size, "response_length"),
    p = Cg(integer, "server_port"),
    P = Cg(integer, "pid"),
    q = {text = "query_string"},
    r = {text = "request"},
    R = {text = "request_handler"},
    s = Cg(status, "status"),
    S = Cg(size, "total_length"),
    t = "[" * Cg(clf_time, "time") * "]",
    T = Cg(with_representation(integer, "s"), "request_time"),
    u = remote_user,
    U = {text = "uri"},
    v = server_name,
    V = server_name,
    X = Cg(S"X+-", "connection_status"),
}

-- Names as nginx writes them.
local function variable_name(argument)
    return (gsub(lower(argument), "-", "_"))
end

local ports = {canonical = "server_port", ["local"] = "server_port", remote = "remote_port"}
local processes = {
    pid = apache_directives.P,
    tid = Cg(integer, "tid"),
    hextid = Cg(xdigit^1 / function(digits) return tonumber(digits, 16) end, "tid"),
}

local function fraction(digits) return tonumber("." .. digits) end
local times = {
    sec = Cg(digit^1 / seconds_to_ns, "time"),
    msec = Cg(digit^1 / function(digits) return tonumber(digits) * 1e6 end, "time"),
    usec = Cg(digit^1 / function(digits) return tonumber(digits) * 1e3 end, "time"),
    msec_frac = Cg(digit^1 / fraction, "sec_frac"),
    usec_frac = Cg(digit^1 / fraction, "sec_frac"),
}

local apache_arguments = {
    a = function() return remote_address end,
    C = function(argument) return {text = "cookie_" .. argument} end,
    e = function(argument) return {text = "env_" .. argument} end,
    i = function(argument) return {text = "http_" .. variable_name(argument)} end,
    n = function(argument) return {text = "module_" .. argument} end,
    o = function(argument) return {text = "sent_http_" .. variable_name(argument)} end,
    p = function(argument)
        return Cg(integer, ports[argument] or error("unknown port format: " .. argument))
    end,
    P = function(argument)
        return processes[argument] or error("unknown pid format: " .. argument)
    end,
    t = function(argument)
        local moment = gsub(gsub(argument, "^begin:", ""), "^end:", "")
        return times[moment] or Cg(date_time.build_strftime_grammar(moment) / time_to_ns, "time")
    end,
    x = function(argument) return {text = variable_name(argument)} end,
}

local function apache_directive(letter)
    return apache_directives[letter] or error("unknown variable: " .. letter)
end

local function apache_directive_with_argument(argument, letter)
    local build = apache_arguments[letter] or error("unknown variable: " .. letter)
    return build(argument)
end

local letters = {t = "\t", n = "\n", ['"'] = '"', ["\\"] = "\\"}
local unescape = Cs(((1 - P"\\")^1
    + Cg("\\" * (S'tn"\\' / letters + digit * digit^-2 / function(code) return char(tonumber(code)) end))
    + 1)^0)

local three_digits = digit * digit * digit
local apache_format = format_grammar(
    "%" * S"<>"^-1 * ((alpha + "%") / apache_directive)
        + "%" * (P"!"^-1 * three_digits * ("," * three_digits)^0)^-1
            * ("{" * C((1 - P"}")^1) * "}" * C(alpha + "%") / apache_directive_with_argument),
    function(text) return unescape:match(text) end)

function M.build_apache_grammar(log_format)
    return build_grammar(apache_format, log_format)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- User agents

-- What is looked for, in this order, and what it means.
local systems = {
    {"iPod", "iPod"},
    {"iPad", "iPad"},
    {"iPhone", "iPhone"},
    {"Android", "Android"},
    {"BlackBerry", "BlackBerry"},
    {"Linux", "Linux"},
    {"Macintosh", "Macintosh"},
    {"Mozilla/5.0 (Mobile;", "FirefoxOS"},
    {"Windows NT 10.0", "Windows 10"},
    {"Windows NT 6.3", "Windows 8.1"},
    {"Windows NT 6.2", "Windows 8"},
    {"Windows NT 6.1", "Windows 7"},
    {"Windows NT 6.0", "Windows Vista"},
    {"Windows NT 5.1", "Windows XP"},
    {"Windows NT 5.0", "Windows 2000"},
}

local function integer_at(text, position)
    local _, _, digits = find(text, "^(%d+)", position)
    return digits and tonumber(digits)
end

-- The integer that follows the first place of `keyword`.
local function version_after(keyword)
    return function(text)
        local _, last = find(text, keyword, 1, true)
        return last and integer_at(text, last + 1)
    end
end

-- The integer after the last slash.
local function last_version(text)
    local _, last = find(text, "^.*/")
    return last and integer_at(text, last + 1)
end

-- Keyword, the version's function, and the browser and system if they are not the keyword and the one found.
local browsers = {
    {"Edge", version_after "Edge/"},
    {"Chrome", version_after "Chrome/"},
    {"Opera Mini", last_version},
    {"Opera Mobi", last_version},
    {"Opera", last_version},
    {"MSIE", version_after "MSIE "},
    {"Trident/7.0", function() return 11 end, "MSIE"},
    {"Safari", last_version},
    {"Firefox AndroidSync", version_after "Firefox AndroidSync ", "FxSync", "Android"},
    {"Firefox-iOS-Sync", version_after "Firefox-iOS-Sync/", "FxSync", "iOS"},
    {"Firefox", version_after "Firefox/"},
}

local function first_found(list, text)
    for _, entry in ipairs(list) do
        if find(text, entry[1], 1, true) then return entry end
    end
end

function M.normalize_user_agent(text)
    if not text then return end
    local system, browser = first_found(systems, text), first_found(browsers, text)
    local name = system and system[2]
    if not browser then return nil, nil, name end
    return browser[3] or browser[1], browser[2](text), browser[4] or name
end

return M
