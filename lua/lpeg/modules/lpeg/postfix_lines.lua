--[[
What Postfix logs, for the modules lpeg.postfix and (Heka's) postfix.

  build_match(classic)   the function postfix_match, with the names and shapes of lpeg.postfix or, if classic, those of
                         Heka 0.11; where they differ both stand side by side below. Classic lines may go on after what is
                         known of them.
--]]

local lpeg = require "lpeg"
local string = require "string"
local ip = require "lpeg.ip_address"

local ipairs, next, pairs, rawset, tonumber, type = ipairs, next, pairs, rawset, tonumber, type

lpeg.locale(lpeg)
local P, S, C, Cf, Cg, Ct = lpeg.P, lpeg.S, lpeg.C, lpeg.Cf, lpeg.Cg, lpeg.Ct
local digit, alpha, alnum, xdigit = lpeg.digit, lpeg.alpha, lpeg.alnum, lpeg.xdigit

local function field(name, grammar)
    return Cg(grammar, "postfix_" .. name)
end

-- One byte or more of what comes before the text; to be repeated. The text is looked for where its first byte stands.
local function before(text)
    if #text == 1 then return 1 - P(text) end
    return (1 - P(string.sub(text, 1, 1)))^1 + (1 - P(text))
end

local function one_of(words)
    local grammar = P(words[1])
    for i = 2, #words do grammar = grammar + words[i] end
    return grammar
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Pieces

local rest = P(1)^1
local no_space = (1 - lpeg.space)^0
local integer = digit^1 / tonumber
local number = digit^1 * ("." * digit^1)^-1 / tonumber

local address = ip.v4_field + ip.v6_field
local host_character = 1 - S"[] "
-- A name may begin like an address: 1.2.3.4.example.com.
local host = address * -host_character
    + Ct(Cg(host_character^1, "value") * Cg(lpeg.Cc"hostname", "representation"))

local client = field("client_hostname", host)^-1
    * "[" * field("client_ip", address) * "]"
    * (":" * field("client_port", integer))^-1
local relay = field("relay_hostname", host)^-1
    * "[" * (field("relay_ip", address) + field("relay_service", before "]"^1)) * "]"
    * (":" * field("relay_port", integer))^-1
local delays = field("delay_before_qmgr", number) * "/" * field("delay_in_qmgr", number) * "/"
    * field("delay_conn_setup", number) * "/" * field("delay_transmission", number)

local stage = one_of{
    "CONNECT", "HELO", "EHLO", "STARTTLS", "AUTH", "MAIL FROM", "MAIL", "RCPT TO", "RCPT", "DATA", "end of DATA", "RSET",
    "UNKNOWN", "END-OF-MESSAGE", "VRFY", "."}
local violation = one_of{
    "BARE NEWLINE", "COMMAND TIME LIMIT", "COMMAND COUNT LIMIT", "COMMAND LENGTH LIMIT", "COMMAND PIPELINING", "DNSBL",
    "HANGUP", "NON-SMTP COMMAND", "PREGREET"}
local access = one_of{"DISCONNECT", "BLACKLISTED", "WHITELISTED", "WHITELIST VETO", "PASS NEW", "PASS OLD"}

local status_code = digit * digit * digit / tonumber
local enhanced_code = digit * "." * digit * "." * digit

local after_stage = " after " * field("smtp_stage", stage)

-- "key=value, key=<value>, ...": a value ends where another key begins.
local key_values
do
    local pair_end = ", " * alpha^1 * "=" + "," * P(-1) + -1
    local separator = ", " + "," * P(-1)
    local value = "<" * C(((1 - P">")^1 + (1 - ">" * pair_end))^0) * ">"
        + C(((1 - P",")^1 + (1 - pair_end))^0)
    key_values = Cf(Ct"" * (Cg(C(alpha^1) * "=" * value) * separator^-1)^0, rawset)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Lines

-- Patterns by daemon.
local function lines(classic)
    local line_end = classic and P(true) or P(-1)

    local queue_text = xdigit^6 + alnum^15
    if classic then queue_text = queue_text + "NOQUEUE" end
    local queue = field("queueid", queue_text) * ": "

    local action = one_of(classic and {"accept", "defer", "header-redirect", "reject"}
        or {"accept", "defer", "discard", "filter", "header-redirect", "reject"})

    local key_value_line = queue * field("keyvalue_data", rest)

    local warning = (queue^-1 * field("message_level", P"warning" + "fatal" + "info") * ": "
        * field("message", before "; "^1) * ("; " * field("keyvalue_data", rest))^-1)
    if classic then warning = (P"warning" + "fatal") * ": " * field("warning", rest) end

    local tls = one_of{"Anonymous", "Trusted", "Untrusted", "Verified"} * " TLS connection established "
        * ("to " * relay + "from " * client) * ": "
        * field("tls_version", no_space) * " with cipher " * field("tls_cipher", no_space)
        * " (" * field("tls_cipher_size", no_space) * " bits)"

    -- What is known of the message, then how it went.
    local function outcome(separator, status)
        local label = separator .. "status="
        return queue * field("keyvalue_data", before(label)^1) * label * field("status", status)
    end

    local lost = one_of{"lost connection", "timeout", classic and "Connection timed out" or "SSL_accept error"}
    local lost_while = " while " * field("smtp_lostconn_reason", one_of{
        "receiving the initial server greeting", "sending message body",
        "sending end of data -- message may be sent more than once"})

    -- smtpd -----------------------------------------------------------------------------------------------------------

    local after_bytes = after_stage * (" (" * digit^1 * " bytes)")^-1
    local smtpd_lost = field("smtpd_lostconn_data", lost) * after_bytes^-1 * " from " * client
        * (": " * field("smtpd_lostconn_reason", rest))^-1
    if classic then
        smtpd_lost = field("smtpd_lostconn_data", lost) * after_bytes * " from " * client
            + field("action", before " from "^1) * " from " * client * ": " * field("smtpd_lostconn_data", lost)
    end

    local key_follows = "; " * alpha^1 * "="
    local blocked = "Service unavailable; " * before "["^0 * "[" * field("status_data", before "]"^0) * "] "
        * field("status_message", ((1 - P";")^1 + (1 - key_follows))^1) * ";"
    local codes = " " * field("status_code", status_code) * " " * field("status_code_enhanced", enhanced_code)
    if not classic then codes = codes^-1 end
    local rejected = "NOQUEUE: " * field("action", action) * ": " * field("smtp_stage", stage) * " from " * client * ":"
        * codes * (" <" * field("status_data", before ">"^1) * ">:")^-1
        * " " * (blocked + field("status_message", before ";"^0) * ";")
        * " " * field("keyvalue_data", rest)

    local pipelining = "improper command pipelining" * after_stage * " from " * client * ":"
    if not classic then pipelining = pipelining * field("improper_pipelining_data", rest) end

    local proxy = "proxy-" * field("proxy_result", action) * ": " * field("proxy_smtp_stage", stage) * ": "
        * (field("proxy_status_code", status_code) * " ")^-1
        * (field("proxy_status_code_enhanced", enhanced_code) * " ")^-1
        * before ";"^0 * "; " * field("keyvalue_data", rest)

    local smtpd = "connect from " * client + "disconnect from " * client + smtpd_lost + rejected + pipelining + tls
        + warning + proxy + key_value_line

    -- cleanup, discard, qmgr, pipe, error -----------------------------------------------------------------------------

    local milter = queue * "milter-" * field("milter_result", action) * ": "
        * field("milter_message", before ";"^1) * "; "
        * field("keyvalue_data", before ":"^1)
        * (": " * field("milter_data", rest))^-1

    local discarded = outcome(" ", alnum^1)
    if not classic then discarded = discarded * " " * rest end

    local removed = queue * "removed"
    local active = queue * field("keyvalue_data", before " ("^1) * " (queue active)"
    local expired = queue * "from=<" * field("from", before ">, status="^0) * ">, status="
        * field("status", before ", returned to sender"^1) * ", returned to sender"

    local function answered(response)
        return outcome(", ", before " ("^1) * " (" * field(response, before ")"^1) * ")"
    end
    local piped = answered "pipe_response"
    if classic then
        local told = queue * field("keyvalue_data", before " ("^1)
        piped = told * " (delivered via " * field("pipe_service", alnum^1)
            + told * " (mail forwarding loop for " * field("to", before ")"^1)
    end

    local picked_up = key_value_line
    if classic then
        picked_up = queue * "uid=" * field("uid", before " from="^1) * " from=<" * field("from", before ">"^1)
            * ("> orig_id=" * field("orig_id", rest))^-1
    end

    -- smtp ------------------------------------------------------------------------------------------------------------

    local delivered = outcome(" ", alpha^1)
        * (" (" * field("smtp_response", ((1 - P")")^1 + (1 - ")" * P(-1)))^1) * ")")^-1
    local not_connected = "connect to " * relay * ": " * one_of{
        "Connection timed out", "No route to host", "Connection refused", "Network is unreachable"}
    local smtp_lost = queue * field("smtp_lostconn_data", lost) * " with " * relay * lost_while^-1
    if classic then smtp_lost = queue * lost * " with " * relay end
    local timed_out = queue * "conversation with " * relay * " timed out" * lost_while^-1
    local refused = queue * "host " * relay * " said: " * field("smtp_response", before " (in reply to "^1)
        * " (in reply to " * field("smtp_stage", stage) * " command)"
    local looked_up = "virtual_dns_lookup: " * Cg(before " ("^1, "dns_name") * " (" * Cg(before ")"^1, "dns_type") * ")"

    local smtp = delivered + not_connected + smtp_lost + timed_out + refused + looked_up + tls + warning

    -- postscreen, dnsblog, tlsproxy -----------------------------------------------------------------------------------

    local screened = "CONNECT from " * client * " to [" * field("server_ip", address) * "]:"
        * field("server_port", number)
    local admitted = field("postscreen_access", access) * " " * client
    local too_busy = "NOQUEUE: reject: CONNECT from " * client * ": " * field("postscreen_toobusy_data", rest)
    local cleaned = "cache " * before " "^1 * " full cleanup: retained=" * field("postscreen_cache_retained", integer)
        * " dropped=" * field("postscreen_cache_dropped", integer) * " entries"
    local ranked = field("postscreen_violation", violation) * " rank " * field("postscreen_dnsbl_rank", integer)
        * " for " * client
    local violated = field("postscreen_violation", violation) * (" " * digit^1)^-1
        * (" after " * field("postscreen_violation_time", number))^-1 * " from " * client
    if classic then
        violated = violated * after_stage^-1
    else
        violated = violated * (after_stage^-1 * (": " * field("postscreen_data", rest))^-1 * -1
            + " in tests " * (P"after" + "before") * " SMTP handshake")
    end
    local postscreen = screened + admitted + rejected + too_busy + cleaned + ranked + violated + warning

    local listed = "addr " * field("client_ip", address) * " listed by domain " * field("dnsbl_domain", host)
        * " as " * field("dnsbl_result", address)
    local proxied = (P"DISCONNECT" + "CONNECT") * P" from"^-1 * " " * client

    -- anvil, scache ---------------------------------------------------------------------------------------------------

    local service = field("service", before ":"^1) * ":" * field("client_ip", address)
        + field("service", before ":"^1 * ":" * digit^1) * ":" * field("client_ip", address)
    local anvil_time = " at " * field("anvil_timestamp", rest)
    local anvil = "statistics: max " * (
        "connection rate " * field("anvil_conn_rate", integer) * "/"
            * field("anvil_conn_period", digit^1 * S"smhd") * " for (" * service * ")"
        + "cache size " * field("anvil_cache_size", integer)
        + "connection count " * field("anvil_conn_count", integer) * " for (" * service * ")") * anvil_time

    local scache = "statistics: " * (
        (P"address" + "domain") * " lookup hits=" * field("scache_hits", integer)
            * " miss=" * field("scache_miss", integer)
            * " success=" * field("scache_success", integer) * (classic and P(true) or P"%")
        + "max simultaneous domains=" * field("scache_domains", integer)
            * " addresses=" * field("scache_addresses", integer)
            * " connection=" * field("scache_connection", integer)
        + "start interval " * field("scache_timestamp", rest))

    -- master, bounce, postsuper, mc-milter ----------------------------------------------------------------------------

    local started = (P"daemon started" + "reload") * " -- version " * field("version", before ","^1)
        * ", configuration " * field("config_path", rest)
    local terminated = "terminating on signal " * field("termination_signal", integer)

    local bounced = queue * "sender " * one_of{"non-delivery", "delivery status", "delay"} * " notification: "
        * field("bounce_queueid", queue_text)

    local held = queue * field("postsuper_action",
        one_of{"removed", "requeued", "placed on hold", "released from hold"})
    local held_many = field("postsuper_summary_action",
            one_of{"Deleted", "Requeued", "Placed on hold", "Released from hold"})
        * ": " * field("postsuper_summary_count", integer) * " message" * P"s"^-1

    local by_daemon = {
        anvil = anvil,
        bounce = bounced,
        cleanup = milter + warning + key_value_line,
        discard = discarded + warning,
        dnsblog = listed + warning,
        error = answered "error_response",
        lmtp = smtp,
        ["local"] = key_value_line,
        master = started + terminated + warning,
        ["mc-milter"] = queue^-1 * field("keyvalue_data", rest),
        pickup = picked_up,
        pipe = piped,
        postdrop = warning,
        postscreen = postscreen,
        postsuper = held + held_many,
        qmgr = removed + active + expired + warning,
        scache = scache,
        sendmail = warning,
        smtp = smtp,
        smtpd = smtpd,
        tlsmgr = warning,
        tlsproxy = proxied + warning,
        trivial_rewrite = warning,
        virtual = delivered,
    }
    local grammars = {}
    for daemon, line in pairs(by_daemon) do grammars[daemon] = Ct(line) * line_end end
    return grammars
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Matching

local INTEGERS = {
    "anvil_cache_size", "anvil_conn_count", "anvil_conn_rate", "client_port", "nrcpt", "postscreen_cache_dropped",
    "postscreen_cache_retained", "postscreen_dnsbl_rank", "relay_port", "server_port", "size", "status_code",
    "termination_signal", "uid", "vrscore", "vrstate",
}
for i, name in ipairs(INTEGERS) do INTEGERS[i] = "postfix_" .. name end
-- The value type of whole numbers in a message's fields.
local INTEGER_TYPE = 2

local pieces = {relay_info = Ct(relay), delays = Ct(delays), keyvalue_data = key_values}
local client_text, relay_text, delays_text = Ct(client), pieces.relay_info, pieces.delays

-- Puts what the text of that name says in its place.
local function split(result, name, grammar)
    local text = result[name]
    local values = type(text) == "string" and grammar:match(text)
    if not values then return end
    result[name] = nil
    for key, value in pairs(values) do result[key] = value end
end

local function split_key_values(result)
    local values = key_values:match(result.postfix_keyvalue_data)
    -- Without a pair in it the text is all there is.
    if not next(values) then return end
    result.postfix_keyvalue_data = nil
    for key, value in pairs(values) do result["postfix_" .. key] = value end
    split(result, "postfix_client", client_text)
    split(result, "postfix_relay", relay_text)
    split(result, "postfix_delays", delays_text)
end

local daemon_name = (1 - P"/")^1 * "/" * C(rest)

local function build_match(classic)
    local grammars = lines(classic)
    for name, grammar in pairs(pieces) do grammars[name] = grammar end

    return function(programname, message, extract_keyvalue_data)
        local grammar = grammars[daemon_name:match(programname)]
        local result = grammar and grammar:match(message)
        if not result then return nil end

        if extract_keyvalue_data and result.postfix_keyvalue_data then split_key_values(result) end
        for _, name in ipairs(INTEGERS) do
            local n = tonumber(result[name])
            if n then result[name] = {value = n, value_type = INTEGER_TYPE} end
        end
        if result.postfix_delay then result.postfix_delay = tonumber(result.postfix_delay) or result.postfix_delay end
        return result
    end
end

return {build_match = build_match}
