-- Tests of postfix as Heka 0.11 has it: where it differs from lpeg.postfix, and that the rest is there.
require "string"
local postfix_match = require "postfix".postfix_match

-- Compares all fields, both ways; hosts and integers by their values.
local function check(daemon, message, expected, extract)
    local fields = postfix_match("postfix/" .. daemon, message, extract)
    if not fields then error("no match: " .. message, 2) end
    for name, value in pairs(fields) do
        local short = string.gsub(name, "^postfix_", "")
        if type(value) == "table" then value = value.value end
        if expected[short] ~= value then
            error(string.format("%s: %s is %s, not %s", message, name, tostring(value), tostring(expected[short])), 2)
        end
    end
    for name in pairs(expected) do
        if fields["postfix_" .. name] == nil then error(message .. ": no " .. name, 2) end
    end
end

function test_warnings_are_one_text()
    for _, daemon in ipairs{"smtpd", "cleanup", "qmgr", "postscreen", "smtp", "sendmail", "postdrop",
        "trivial_rewrite", "tlsmgr"} do
        check(daemon, "warning: disk; nearly=full", {warning = "disk; nearly=full"})
        check(daemon, "fatal: disk", {warning = "disk"})
    end
end

function test_lost_connections()
    check("smtpd", "lost connection after DATA (5 bytes) from h[192.0.2.7]",
        {smtpd_lostconn_data = "lost connection", smtp_stage = "DATA", client_hostname = "h", client_ip = "192.0.2.7"})
    check("smtpd", "SSL_accept error from h[192.0.2.7]: Connection timed out",
        {action = "SSL_accept error", smtpd_lostconn_data = "Connection timed out", client_hostname = "h",
            client_ip = "192.0.2.7"})
    check("smtp", "A1B2C3D4: lost connection with mx[192.0.2.9] while sending message body",
        {queueid = "A1B2C3D4", relay_hostname = "mx", relay_ip = "192.0.2.9"})
end

function test_deliveries_to_programs()
    check("pipe", "A1B2C3D4: to=<a@b>, relay=x, status=sent (delivered via dovecot service)",
        {queueid = "A1B2C3D4", keyvalue_data = "to=<a@b>, relay=x, status=sent", pipe_service = "dovecot"})
    check("pipe", "A1B2C3D4: to=<a@b>, status=bounced (mail forwarding loop for a@b)",
        {queueid = "A1B2C3D4", keyvalue_data = "to=<a@b>, status=bounced", to = "a@b"})
    check("discard", "A1B2C3D4: to=<a@b>, delay=1, status=sent (b)", {queueid = "A1B2C3D4",
        keyvalue_data = "to=<a@b>, delay=1,", status = "sent"})
end

function test_pickups()
    check("pickup", "A1B2C3D4: uid=33 from=<www>", {queueid = "A1B2C3D4", uid = 33, from = "www"})
    check("pickup", "A1B2C3D4: uid=33 from=<www> orig_id=99", {queueid = "A1B2C3D4", uid = 33, from = "www",
        orig_id = "99"})
end

function test_lines_may_go_on()
    check("smtpd", "disconnect from h[192.0.2.7] ehlo=1 quit=1 commands=2", {client_hostname = "h",
        client_ip = "192.0.2.7"})
    check("smtpd", "improper command pipelining after EHLO from h[192.0.2.7]: QUIT", {smtp_stage = "EHLO",
        client_hostname = "h", client_ip = "192.0.2.7"})
    check("postscreen", "PREGREET 5 after 0.5 from [192.0.2.7]:99: HELO", {
        postscreen_violation = "PREGREET", postscreen_violation_time = 0.5, client_ip = "192.0.2.7", client_port = 99})
end

function test_rejections()
    check("smtpd", "NOQUEUE: reject: RCPT from h[192.0.2.7]: 550 5.1.1 <c@d>: unknown; from=<a@b> to=<c@d>", {
        action = "reject", smtp_stage = "RCPT", client_hostname = "h", client_ip = "192.0.2.7", status_code = 550,
        status_code_enhanced = "5.1.1", status_data = "c@d", status_message = "unknown",
            keyvalue_data = "from=<a@b> to=<c@d>"})
    check("smtpd", "NOQUEUE: client=h[192.0.2.7]", {queueid = "NOQUEUE", keyvalue_data = "client=h[192.0.2.7]"})
end

function test_the_rest_is_as_in_lpeg_postfix()
    check("anvil", "statistics: max cache size 4 at May 12", {anvil_cache_size = 4, anvil_timestamp = "May 12"})
    check("qmgr", "A1B2C3D4: from=<a@b>, size=77, nrcpt=2 (queue active)", {queueid = "A1B2C3D4", from = "a@b",
        size = 77, nrcpt = 2}, true)
    check("smtp", "A1B2C3D4: to=<a@b>, relay=none, delay=1.5, delays=1/0.25/0.25/0, status=deferred (x)", {
        queueid = "A1B2C3D4", to = "a@b", relay = "none", delay = 1.5, delay_before_qmgr = 1, delay_in_qmgr = 0.25,
        delay_conn_setup = 0.25, delay_transmission = 0, status = "deferred", smtp_response = "x"}, true)
    assert(postfix_match("smtpd", "connect from h[192.0.2.7]") == nil)
    assert(postfix_match("postfix/smtpd", "") == nil)
    assert(postfix_match("postfix/none", "connect from h[192.0.2.7]") == nil)
    assert(not pcall(postfix_match, "postfix/smtpd", nil))
end
