-- lpeg.linux: the grammars of programs that let users in and keep accounts; hostile lines for all.
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual),
        type(actual), tostring(expected)), 3)
    end
end

local function grammar_of(name)
    return require("lpeg.linux." .. name).syslog_grammar
end

-- A field is given by its value: {address} stands for {value = address, representation = ...}.
local function same(actual, expected, what)
    if type(expected) ~= "table" then return equal(actual, expected, what) end
    equal(type(actual), "table", what)
    equal(actual.value, expected[1], what)
    equal(actual.representation, string.find(expected[1], ":") and "ipv6" or "ipv4", what)
end

-- Matches the line and compares all captures, not only those that are expected.
local function check(program, line, expected)
    local fields = grammar_of(program):match(line)
    if not fields then error(program .. " does not match: " .. line, 2) end
    for name, value in pairs(expected) do same(fields[name], value, name) end
    for name, value in pairs(fields) do
        if expected[name] == nil then error("unexpected " .. name .. " = " .. tostring(value),
        2) end
    end
end

local function no_match(program, lines)
    for _, line in ipairs(lines) do
        if grammar_of(program):match(line) then error(program .. " matches: " .. line, 2) end
    end
end

local PROGRAMS = { "cron", "dhclient", "dhcpd", "groupadd", "groupdel", "kernel", "login", "named",
    "pam", "puppet_agent", "sshd", "su", "sudo", "systemd_logind", "useradd" }

function test_cron_gives_user_event_and_detail()
    check("cron", "(www-data) CMD ([ -x /usr/bin/php ] && sessionclean)", {
        cron_username = "www-data",
        cron_event = "CMD", cron_detail = "[ -x /usr/bin/php ] && sessionclean" })
    check("cron", "(ann) REPLACE (ann)", { cron_username = "ann", cron_event = "REPLACE",
        cron_detail = "ann" })
    no_match("cron", { "(ann) CMD (a", "(ann) CMD (a) b", "(ann)", "ann CMD (a)" })
end

function test_programs_that_use_pam_understand_its_messages()
    for _, program in ipairs{ "pam", "cron", "su", "sudo" } do
        check(program, "pam_unix(x:session): session opened for user ann by bob(uid=17)", {
            pam_module = "pam_unix", pam_service = "x", pam_type = "session",
            pam_action = "session opened", user_name = "ann", login_name = "bob", uid = 17 })
    end
end

function test_pam_sessions_open_and_close()
    check("pam", "pam_systemd(sshd:session): session opened for user ann by (uid=0)", {
        pam_module = "pam_systemd", pam_service = "sshd", pam_type = "session",
        pam_action = "session opened", user_name = "ann", login_name = "", uid = 0 })
    check("pam", "pam_unix(cron:session): session closed for user ann", { pam_module = "pam_unix",
        pam_service = "cron", pam_type = "session", pam_action = "session closed",
        user_name = "ann" })
    no_match("pam", { "unix(a:b): session closed for user x",
        "pam_unix(a:b) session closed for user x",
        "pam_unix(a:b): session closed for user " })
end

function test_pam_failures_may_lack_the_user()
    local failure = "pam_unix(sshd:auth): authentication failure; logname=l uid=1 euid=2 tty=ssh "
        .. "ruser=r rhost=198.51.100.9"
    local function expected(user)
        return { pam_module = "pam_unix", pam_service = "sshd", pam_type = "auth",
        pam_action = "authentication failure", logname = "l", uid = 1, euid = 2, tty = "ssh",
        ruser = "r", rhost = "198.51.100.9", user = user }
    end
    check("pam", failure .. "  user=ann", expected("ann"))
    check("pam", failure .. " ", expected(nil))
    check("pam", failure, expected(nil))
end

function test_pam_checks_passwords_of_unknown_users()
    check("pam", "pam_unix(login:auth): check pass; user unknown", { pam_module = "pam_unix",
        pam_service = "login", pam_type = "auth" })
    check("pam", "pam_unix(login:auth): check pass; user (zed) unknown", { pam_module = "pam_unix",
        pam_service = "login", pam_type = "auth", user_name = "zed" })
end

function test_accounts_come_and_go()
    check("groupadd", "new group: name=ops, GID=1042", { group_name = "ops", gid = 1042 })
    check("groupdel", "group 'ops' removed", { group_name = "ops" })
    check("groupdel", "group 'ops' removed from /etc/gshadow", { group_name = "ops",
        group_dbname = "/etc/gshadow" })
    check("useradd", "new user: name=ann, UID=1001, GID=1002, home=/home/ann, shell=/bin/sh", {
        user_name = "ann", uid = 1001, gid = 1002, user_home = "/home/ann",
        user_shell = "/bin/sh" })
    check("useradd", "add 'ann' to group 'ops'", { user_name = "ann", group_name = "ops" })
    check("useradd", "add 'ann' to shadow group 'ops'", { user_name = "ann", group_name = "ops" })
    no_match("groupadd", { "new group: name=ops, GID=x", "new group: name=ops, GID=1 " })
    no_match("useradd", { "add 'ann' to group 'ops", "new user: name=ann, UID=1" })
end

function test_login_logs_failures_and_root()
    check("login",
        "FAILED LOGIN (3) on '/dev/tty4' from 'term.example' FOR 'zed', Permission denied", {
        failcount = 3, tty = "/dev/tty4", from = "term.example", user = "zed",
        pam_error = "Permission denied" })
    check("login", "ROOT LOGIN  on '/dev/tty1'", { tty = "/dev/tty1" })
    no_match("login", { "ROOT LOGIN on '/dev/tty1'", "FAILED LOGIN (x) on '/dev/tty1' FOR 'a', b" })
end

function test_sshd_logs_authentications()
    check("sshd",
        "Accepted keyboard-interactive/pam for ann from 2001:db8::7 port 6022 ssh2: extra", {
        sshd_authmsg = "Accepted", sshd_method = "keyboard-interactive", sshd_submethod = "pam",
        remote_user = "ann", remote_addr = { "2001:db8::7" }, remote_port = 6022,
        sshd_info = "extra" })
    check("sshd", "Failed password for invalid user zed from 203.0.113.5 port 6022 ssh2", {
        sshd_authmsg = "Failed", sshd_method = "password", remote_user = "zed",
        remote_addr = { "203.0.113.5" }, remote_port = 6022 })
    check("sshd", "Invalid user zed from 203.0.113.5", { remote_user = "zed",
        remote_addr = { "203.0.113.5" } })
    check("sshd", "input_userauth_request: invalid user zed [preauth]", { remote_user = "zed" })
    no_match("sshd", { "Accepted password for ann from host port 1 ssh2",
        "Accepted password for ann from 203.0.113.5 port 1 ssh3" })
end

function test_sshd_logs_connections()
    local remote = { "203.0.113.5" }
    check("sshd", "Received disconnect from 203.0.113.5: 11: Bye", { remote_addr = remote,
        disconnect_reason = 11, disconnect_msg = "Bye" })
    check("sshd", "Received disconnect from 203.0.113.5: Bye", { remote_addr = remote,
        disconnect_msg = "Bye" })
    check("sshd", "Connection from 203.0.113.5 port 6022 on 192.0.2.80 port 22", {
        remote_addr = remote, remote_port = 6022, local_addr = { "192.0.2.80" }, local_port = 22 })
    check("sshd", "Connection closed by 203.0.113.5 [preauth]", { remote_addr = remote })
    check("sshd", "Did not receive identification string from 203.0.113.5", {
        remote_addr = remote })
    check("sshd", "subsystem request for sftp by user ann", { sshd_subsystem = "sftp",
        remote_user = "ann" })
    check("sshd", "subsystem request for sftp", { sshd_subsystem = "sftp", remote_user = "" })
    check("sshd",
        "reverse mapping checking getaddrinfo for h.example [203.0.113.5] failed - POSSIBLE "
        .. "BREAK-IN ATTEMPT!", { remote_host = "h.example ", remote_addr = remote })
end

function test_sshd_logs_about_itself()
    check("sshd", "Server listening on :: port 22.", { listen_address = "::", listen_port = "22" })
    check("sshd", "Received signal 15; terminating.", { signal = "15" })
    check("sshd", "Exiting on signal 2", { signal = "2" })
    check("sshd", "fatal: no matching cipher", { sshd_errorlevel = "fatal",
        sshd_error = "no matching cipher" })
    check("sshd", "Set /proc/self/oom_score_adj to 0", {
        set = "Set /proc/self/oom_score_adj to 0" })
end

function test_su_logs_who_became_whom()
    check("su", "Successful su for root by ann", { su_status = "Successful", su_name = "root",
        su_oldname = "ann" })
    check("su", "FAILED su for root by ann", { su_status = "FAILED", su_name = "root",
        su_oldname = "ann" })
    check("su", "+ pts/3 ann:root", { pty = "pts/3", su_oldname = "ann", su_name = "root" })
    check("su", "- ??? ann:bob", { pty = "???", su_oldname = "ann", su_name = "bob" })
    check("su", "pam_authenticate: Permission denied", { pam_error = "Permission denied" })
    no_match("su", { "+ pts/3 ann", "* pts/3 ann:root", "FAILED su for root by " })
end

function test_sudo_logs_the_command_and_its_circumstances()
    check("sudo", "ann : TTY=pts/3 ; PWD=/srv ; USER=www ; GROUP=web ; TSID=0001 ; ENV=A=1 ; "
        .. "COMMAND=/bin/ls ; -l", { sudo_message = "ann", sudo_tty = "pts/3", sudo_pwd = "/srv",
        sudo_user = "www", sudo_group = "web", sudo_tsid = "0001", sudo_env = "A=1",
        sudo_command = "/bin/ls ; -l" })
    check("sudo", "ann : COMMAND=list", { sudo_message = "ann", sudo_command = "list" })
    no_match("sudo", { "ann : TTY=pts/3", "ann : COMMAND=", "ann: COMMAND=x" })
end

function test_logind_logs_sessions()
    check("systemd_logind", "New session 12 of user ann.b.", { session_id = 12, user_id = "ann.b",
        sd_message = "SESSION_START" })
    check("systemd_logind", "New session c7 of user gdm.", { session_type = "c", session_id = 7,
        user_id = "gdm", sd_message = "SESSION_START" })
    check("systemd_logind", "Removed session 12.", { session_id = 12, sd_message = "SESSION_STOP" })
    no_match("systemd_logind", { "New session 12 of user ann", "Removed session 12",
        "Removed session c." })
end

function test_text_behind_a_complete_message_of_an_account_is_refused()
    local whole = {
        cron = { "(ann) CMD (date)" },
        groupadd = { "new group: name=ops, GID=7" },
        login = { "ROOT LOGIN  on '/dev/tty1'" },
        sshd = { "Connection closed by 192.0.2.1 [preauth]", "Invalid user zed from 192.0.2.1",
            "Did not receive identification string from 192.0.2.1", "Exiting on signal 2",
            "Received signal 15; terminating.", "Server listening on :: port 22.",
            "input_userauth_request: invalid user zed [preauth]",
            "Connection from 192.0.2.1 port 1 on 192.0.2.2 port 22" },
        systemd_logind = { "Removed session 12." },
        useradd = { "add 'ann' to group 'ops'" },
    }
    for program, lines in pairs(whole) do
        for _, line in ipairs(lines) do
            equal(type(grammar_of(program):match(line)), "table", line)
            no_match(program, { line .. ": " })
        end
    end
end

function test_empty_and_foreign_lines_match_nowhere()
    for _, program in ipairs(PROGRAMS) do
        no_match(program, { "", " ", "\0", "\255\254", "the quick brown fox", "((((((((",
        "'''''''" })
    end
end

function test_huge_lines_are_refused_or_taken_without_harm()
    local filler = string.rep("a(' [: =/.", 20000)
    local beginnings = { "", "(", "pam_", "pam_unix(a:b): session opened for user ",
        "DHCPDISCOVER from ",
        "balancing pool", "[1.5] ", "error (", "client 192.0.2.1#5 (", "(/Stage[",
        "Accepted password for ",
        "ann : TTY=", "+ ", "New session 1 of user ", "add '", "FAILED LOGIN (1) on '" }
    for _, program in ipairs(PROGRAMS) do
        local grammar = grammar_of(program)
        for _, beginning in ipairs(beginnings) do
            local fields = grammar:match(beginning .. filler)
            if fields ~= nil then equal(type(fields), "table", program) end
        end
    end
end
