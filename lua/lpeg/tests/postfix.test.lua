-- Tests of lpeg.postfix.
require "string"
local postfix_match = require "lpeg.postfix".postfix_match

local function plain(value)
    if type(value) == "table" then return value.value end
    return value
end

-- Compares all fields, both ways; hosts and integers by their values.
local function check(daemon, message, expected, extract)
    local fields = postfix_match("postfix/" .. daemon, message, extract)
    if not fields then error("no match: " .. message, 2) end
    for name, value in pairs(expected) do
        if plain(fields["postfix_" .. name]) ~= value then
            error(string.format("%s: %s: expected %s, got %s", message, name, tostring(value),
                tostring(plain(fields["postfix_" .. name]))), 2)
        end
    end
    for name in pairs(fields) do
        local short = string.gsub(name, "^postfix_", "")
        if expected[short] == nil then error(message .. ": unexpected " .. name, 2) end
    end
end

local function no_match(daemon, message)
    if postfix_match("postfix/" .. daemon, message) then error("matched: " .. message, 2) end
end

function test_anvil()
    check("anvil", "statistics: max cache size 4 at May 12 08:09:10", {anvil_cache_size = 4,
        anvil_timestamp = "May 12 08:09:10"})
    check("anvil", "statistics: max connection count 2 for (smtpd:198.51.100.7) at May 12",
        {anvil_conn_count = 2, service = "smtpd", client_ip = "198.51.100.7", anvil_timestamp = "May 12"})
    check("anvil", "statistics: max connection rate 3/60s for (smtpd:2001:db8::7) at May 12",
        {anvil_conn_rate = 3, anvil_conn_period = "60s", service = "smtpd", client_ip = "2001:db8::7",
            anvil_timestamp = "May 12"})
    check("anvil", "statistics: max connection rate 3/1h for (10.0.0.1:587:198.51.100.7) at May 12",
        {anvil_conn_rate = 3, anvil_conn_period = "1h", service = "10.0.0.1:587", client_ip = "198.51.100.7",
            anvil_timestamp = "May 12"})
end

function test_bounce()
    for _, kind in ipairs{"non-delivery", "delivery status", "delay"} do
        check("bounce", "A1B2C3D4: sender " .. kind .. " notification: 9F8E7D6C", {queueid = "A1B2C3D4",
            bounce_queueid = "9F8E7D6C"})
    end
end

function test_cleanup()
    check("cleanup", "A1B2C3D4: message-id=<1@x>", {queueid = "A1B2C3D4", keyvalue_data = "message-id=<1@x>"})
    check("cleanup", "A1B2C3D4: milter-reject: DATA from h[10.0.0.1]: 5.7.1 no; from=<a@b> proto=SMTP: more", {
        queueid = "A1B2C3D4", milter_result = "reject", milter_message = "DATA from h[10.0.0.1]: 5.7.1 no",
        keyvalue_data = "from=<a@b> proto=SMTP", milter_data = "more"})
    check("cleanup", "warning: table: not found", {message_level = "warning", message = "table: not found"})
    check("cleanup", "A1B2C3D4: info: header X: y; from=<a@b>",
        {queueid = "A1B2C3D4", message_level = "info", message = "header X: y", keyvalue_data = "from=<a@b>"})
end

function test_queue_ids_are_short_or_long()
    check("qmgr", "ABCDEF: removed", {queueid = "ABCDEF"})
    check("qmgr", "3zXyZk1LmnPqRs9: removed", {queueid = "3zXyZk1LmnPqRs9"})
    no_match("qmgr", "ABCDE: removed")
    no_match("qmgr", "GHIJKL: removed")
end

function test_discard_error_and_pipe()
    check("discard", "A1B2C3D4: to=<a@b>, relay=none, delay=1, status=sent (b)",
        {queueid = "A1B2C3D4", keyvalue_data = "to=<a@b>, relay=none, delay=1,", status = "sent"})
    check("error", "A1B2C3D4: to=<a@b>, dsn=4.0.0, status=deferred (suspended: why)",
        {queueid = "A1B2C3D4", keyvalue_data = "to=<a@b>, dsn=4.0.0", status = "deferred",
            error_response = "suspended: why"})
    check("pipe", "A1B2C3D4: to=<a@b>, relay=x, status=sent (delivered via x service)",
        {queueid = "A1B2C3D4", keyvalue_data = "to=<a@b>, relay=x", status = "sent",
            pipe_response = "delivered via x service"})
end

function test_dnsblog_and_tlsproxy()
    check("dnsblog", "addr 198.51.100.7 listed by domain bl.example.net as 127.0.0.4",
        {client_ip = "198.51.100.7", dnsbl_domain = "bl.example.net", dnsbl_result = "127.0.0.4"})
    check("dnsblog", "warning: lookup error", {message_level = "warning", message = "lookup error"})
    check("tlsproxy", "CONNECT from [198.51.100.7]:4000", {client_ip = "198.51.100.7", client_port = 4000})
    check("tlsproxy", "DISCONNECT [2001:db8::7]:4000", {client_ip = "2001:db8::7", client_port = 4000})
end

function test_local_pickup_and_mc_milter()
    check("local", "A1B2C3D4: to=<a@b>, relay=local, status=sent (ok)",
        {queueid = "A1B2C3D4", keyvalue_data = "to=<a@b>, relay=local, status=sent (ok)"})
    check("pickup", "A1B2C3D4: uid=33 from=<www>", {queueid = "A1B2C3D4", keyvalue_data = "uid=33 from=<www>"})
    check("mc-milter", "A1B2C3D4: from=<a>, size=5", {queueid = "A1B2C3D4", keyvalue_data = "from=<a>, size=5"})
    check("mc-milter", "from=<a>, vrscore=10, vrstate=2", {from = "a", vrscore = 10, vrstate = 2}, true)
end

function test_master()
    check("master", "daemon started -- version 3.4.13, configuration /etc/postfix", {version = "3.4.13",
        config_path = "/etc/postfix"})
    check("master", "reload -- version 3.4.13, configuration /etc/postfix", {version = "3.4.13",
        config_path = "/etc/postfix"})
    check("master", "terminating on signal 9", {termination_signal = 9})
    check("master", "fatal: bind: in use", {message_level = "fatal", message = "bind: in use"})
end

function test_postscreen()
    local from = " from [198.51.100.7]:4000"
    local client = {client_ip = "198.51.100.7", client_port = 4000}
    local function with(more)
        for name, value in pairs(client) do more[name] = value end
        return more
    end
    check("postscreen", "CONNECT" .. from .. " to [10.0.0.1]:25", with{server_ip = "10.0.0.1", server_port = 25})
    for _, access in ipairs{"DISCONNECT", "BLACKLISTED", "WHITELISTED", "WHITELIST VETO", "PASS NEW", "PASS OLD"} do
        check("postscreen", access .. " [198.51.100.7]:4000", with{postscreen_access = access})
    end
    check("postscreen", "cache btree:/var/x full cleanup: retained=5 dropped=6 entries",
        {postscreen_cache_retained = 5, postscreen_cache_dropped = 6})
    check("postscreen", "DNSBL rank 4 for [198.51.100.7]:4000", with{postscreen_violation = "DNSBL",
        postscreen_dnsbl_rank = 4})
    check("postscreen", "PREGREET 11 after 0.4" .. from .. ": EHLO x\r\n",
        with{postscreen_violation = "PREGREET", postscreen_violation_time = 0.4, postscreen_data = "EHLO x\r\n"})
    check("postscreen", "HANGUP after 3" .. from .. " in tests before SMTP handshake",
        with{postscreen_violation = "HANGUP", postscreen_violation_time = 3})
    check("postscreen", "COMMAND PIPELINING" .. from .. " after DATA: x",
        with{postscreen_violation = "COMMAND PIPELINING", smtp_stage = "DATA", postscreen_data = "x"})
    for _, violation in ipairs{"BARE NEWLINE", "COMMAND TIME LIMIT", "COMMAND COUNT LIMIT", "COMMAND LENGTH LIMIT",
        "NON-SMTP COMMAND"} do
        check("postscreen", violation .. from .. " after RCPT", with{postscreen_violation = violation,
            smtp_stage = "RCPT"})
    end
    check("postscreen", "NOQUEUE: reject: CONNECT" .. from .. ": too many connections",
        with{postscreen_toobusy_data = "too many connections"})
    check("postscreen", "NOQUEUE: reject: RCPT" .. from .. ": 550 5.5.1 Protocol error; from=<a@b>, to=<c@d>", with{
        action = "reject", smtp_stage = "RCPT", status_code = 550, status_code_enhanced = "5.5.1",
        status_message = "Protocol error", keyvalue_data = "from=<a@b>, to=<c@d>"})
end

function test_postsuper_qmgr_and_scache()
    for _, action in ipairs{"removed", "requeued", "placed on hold", "released from hold"} do
        check("postsuper", "A1B2C3D4: " .. action, {queueid = "A1B2C3D4", postsuper_action = action})
    end
    for _, action in ipairs{"Deleted", "Requeued", "Placed on hold", "Released from hold"} do
        check("postsuper", action .. ": 1 message", {postsuper_summary_action = action, postsuper_summary_count = 1})
        check("postsuper", action .. ": 20 messages", {postsuper_summary_action = action, postsuper_summary_count = 20})
    end
    check("qmgr", "A1B2C3D4: from=<a@b>, size=77, nrcpt=2 (queue active)",
        {queueid = "A1B2C3D4", keyvalue_data = "from=<a@b>, size=77, nrcpt=2"})
    check("qmgr", "A1B2C3D4: from=<a@b>, size=77, nrcpt=2 (queue active)", {queueid = "A1B2C3D4", from = "a@b",
        size = 77, nrcpt = 2}, true)
    check("qmgr", "A1B2C3D4: from=<>, status=expired, returned to sender", {queueid = "A1B2C3D4", from = "",
        status = "expired"})
    check("scache", "statistics: domain lookup hits=1 miss=2 success=33%", {scache_hits = 1, scache_miss = 2,
        scache_success = 33})
    check("scache", "statistics: max simultaneous domains=1 addresses=2 connection=3",
        {scache_domains = 1, scache_addresses = 2, scache_connection = 3})
    check("scache", "statistics: start interval Jun  1 00:00:00", {scache_timestamp = "Jun  1 00:00:00"})
end

function test_smtp()
    check("smtp",
        "A1B2C3D4: to=<a@b>, relay=mx[10.0.0.9]:25, delay=0.5, delays=0.1/0.2/0.15/0.05, dsn=2.0.0, status=sent (250 ok (x))", {
        queueid = "A1B2C3D4", status = "sent", smtp_response = "250 ok (x)",
        keyvalue_data = "to=<a@b>, relay=mx[10.0.0.9]:25, delay=0.5, delays=0.1/0.2/0.15/0.05, dsn=2.0.0,"})
    check("smtp",
        "A1B2C3D4: to=<a@b>, relay=mx[10.0.0.9]:25, delay=0.5, delays=0.1/0.2/0.15/0.05, dsn=2.0.0, status=sent", {
        queueid = "A1B2C3D4", status = "sent", to = "a@b", relay_hostname = "mx", relay_ip = "10.0.0.9",
            relay_port = 25,
        delay = 0.5, delay_before_qmgr = 0.1, delay_in_qmgr = 0.2, delay_conn_setup = 0.15, delay_transmission = 0.05,
        dsn = "2.0.0"}, true)
    for _, reason in ipairs{"Connection timed out", "No route to host", "Connection refused",
        "Network is unreachable"} do
        check("smtp", "connect to mx.example[2001:db8::9]:25: " .. reason,
            {relay_hostname = "mx.example", relay_ip = "2001:db8::9", relay_port = 25})
    end
    check("smtp", "A1B2C3D4: lost connection with mx[10.0.0.9] while sending message body", {
        queueid = "A1B2C3D4", smtp_lostconn_data = "lost connection", smtp_lostconn_reason = "sending message body",
        relay_hostname = "mx", relay_ip = "10.0.0.9"})
    check("smtp", "A1B2C3D4: conversation with mx[10.0.0.9] timed out while receiving the initial server greeting", {
        queueid = "A1B2C3D4", smtp_lostconn_reason = "receiving the initial server greeting", relay_hostname = "mx",
            relay_ip = "10.0.0.9"})
    check("smtp", "A1B2C3D4: host mx[10.0.0.9] said: 450 wait (in reply to end of DATA command)", {
        queueid = "A1B2C3D4", smtp_response = "450 wait", smtp_stage = "end of DATA", relay_hostname = "mx",
            relay_ip = "10.0.0.9"})
    local dns = postfix_match("postfix/smtp", "virtual_dns_lookup: example.org (AAAA)")
    assert(dns.dns_name == "example.org" and dns.dns_type == "AAAA")
    check("smtp", "Trusted TLS connection established to mx[10.0.0.9]:25: TLSv1.3 with cipher TLS_AES (256/256 bits)", {
        relay_hostname = "mx", relay_ip = "10.0.0.9", relay_port = 25, tls_version = "TLSv1.3", tls_cipher = "TLS_AES",
        tls_cipher_size = "256/256"})
    check("lmtp", "A1B2C3D4: to=<a@b>, relay=h[private/lmtp], status=bounced (no)", {
        queueid = "A1B2C3D4", to = "a@b", relay_hostname = "h", relay_service = "private/lmtp", status = "bounced",
        smtp_response = "no"}, true)
    check("virtual", "A1B2C3D4: to=<a@b>, status=sent (maildir)",
        {queueid = "A1B2C3D4", keyvalue_data = "to=<a@b>,", status = "sent", smtp_response = "maildir"})
end

function test_smtpd()
    check("smtpd", "connect from unknown[198.51.100.7]", {client_hostname = "unknown", client_ip = "198.51.100.7"})
    check("smtpd", "disconnect from h.example[2001:db8::7]", {client_hostname = "h.example", client_ip = "2001:db8::7"})
    check("smtpd", "timeout after DATA (70 bytes) from h[198.51.100.7]",
        {smtpd_lostconn_data = "timeout", smtp_stage = "DATA", client_hostname = "h", client_ip = "198.51.100.7"})
    check("smtpd", "SSL_accept error from h[198.51.100.7]: -1",
        {smtpd_lostconn_data = "SSL_accept error", smtpd_lostconn_reason = "-1", client_hostname = "h",
            client_ip = "198.51.100.7"})
    check("smtpd",
        "NOQUEUE: reject: RCPT from h[198.51.100.7]: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using x; y; from=<a@b> to=<c@d>", {
        action = "reject", smtp_stage = "RCPT", client_hostname = "h", client_ip = "198.51.100.7", status_code = 554,
        status_code_enhanced = "5.7.1", status_data = "198.51.100.7", status_message = "blocked using x; y",
        keyvalue_data = "from=<a@b> to=<c@d>"})
    check("smtpd", "NOQUEUE: filter: MAIL from h[198.51.100.7]: <a@b>: Sender address triggers FILTER; from=<a@b>", {
        action = "filter", smtp_stage = "MAIL", client_hostname = "h", client_ip = "198.51.100.7", status_data = "a@b",
        status_message = "Sender address triggers FILTER", keyvalue_data = "from=<a@b>"})
    check("smtpd", "improper command pipelining after EHLO from h[198.51.100.7]: QUIT\n", {
        smtp_stage = "EHLO", client_hostname = "h", client_ip = "198.51.100.7", improper_pipelining_data = " QUIT\n"})
    check("smtpd", "proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=1 - spam; from=<a@b>", {
        proxy_result = "reject", proxy_smtp_stage = "END-OF-MESSAGE", proxy_status_code = 554,
        proxy_status_code_enhanced = "5.7.0", keyvalue_data = "from=<a@b>"})
    check("smtpd", "A1B2C3D4: client=h[198.51.100.7]:99, sasl=x",
        {queueid = "A1B2C3D4", client_hostname = "h", client_ip = "198.51.100.7", client_port = 99, sasl = "x"}, true)
end

function test_names_that_begin_like_an_address()
    check("smtpd", "connect from 7.100.51.198.dyn.example.net[198.51.100.7]",
        {client_hostname = "7.100.51.198.dyn.example.net", client_ip = "198.51.100.7"})
end

function test_warnings_of_small_daemons()
    for _, daemon in ipairs{"postdrop", "sendmail", "tlsmgr", "trivial_rewrite"} do
        check(daemon, "fatal: what", {message_level = "fatal", message = "what"})
        no_match(daemon, "what")
    end
end

function test_hosts_and_integers_say_what_they_are()
    local fields = postfix_match("a/smtpd", "connect from h[198.51.100.7]:25")
    assert(fields.postfix_client_hostname.representation == "hostname")
    assert(fields.postfix_client_ip.representation == "ipv4")
    assert(fields.postfix_client_port.value_type == 2)
    assert(postfix_match("a/smtpd", "connect from [::1]").postfix_client_ip.representation == "ipv6")
end

function test_pieces_of_lines()
    assert(postfix_match("postfix/relay_info", "h[private/x]").postfix_relay_service == "private/x")
    assert(postfix_match("postfix/delays", "1/0.5/0/2").postfix_delay_in_qmgr == 0.5)
    local pairs_of_text = postfix_match("postfix/keyvalue_data", "from=<>, to=<a@b>, x=1, y=2, 3,")
    assert(pairs_of_text.from == "" and pairs_of_text.to == "a@b" and pairs_of_text.x == "1" and pairs_of_text.y == "2, 3")
end

function test_what_cannot_be_split_stays()
    check("cleanup", "A1B2C3D4: message-id=<1@x>", {queueid = "A1B2C3D4", keyvalue_data = "message-id=<1@x>"}, true)
    check("pickup", "A1B2C3D4: uid=none", {queueid = "A1B2C3D4", uid = "none"}, true)
end

function test_program_names()
    assert(postfix_match("postfix-in/qmgr", "ABCDEF: removed"))
    for _, name in ipairs{"qmgr", "", "/qmgr", "postfix/", "postfix/unknown", "postfix/submission/smtpd"} do
        assert(postfix_match(name, "ABCDEF: removed") == nil, name)
    end
    assert(not pcall(postfix_match, nil, "x"))
    assert(not pcall(postfix_match, "postfix/qmgr", nil))
end

function test_lines_that_go_on_are_not_known()
    no_match("smtpd", "connect from h[198.51.100.7] and more")
    no_match("qmgr", "ABCDEF: removed.")
    no_match("scache", "statistics: domain lookup hits=1 miss=2 success=33")
    for _, daemon in ipairs{"smtpd", "smtp", "qmgr", "pipe", "anvil", "bounce", "postscreen", "pickup", "mc-milter"} do
        no_match(daemon, "")
    end
end

function test_hostile_lines()
    local long = string.rep("a, b=<c>", 20000)
    for _, daemon in ipairs{"smtpd", "cleanup", "smtp", "postscreen", "pipe", "error", "discard", "qmgr", "anvil"} do
        postfix_match("postfix/" .. daemon, long, true)
        postfix_match("postfix/" .. daemon, "A1B2C3D4: " .. long, true)
        postfix_match("postfix/" .. daemon, "NOQUEUE: reject: RCPT from h[" .. long, true)
    end
    assert(#postfix_match("postfix/local", "A1B2C3D4: k=" .. long, true).postfix_k > 0)
    assert(postfix_match("postfix/local", "A1B2C3D4: \0=\0", true).postfix_keyvalue_data == "\0=\0")
end
