-- Heka's names for the grammars of programs.
local string = require "string"
local syslog_message = require "syslog_message"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

local SESSION = "pam_unix(x:session): session closed for user ann"

function test_programs_have_grammars_under_the_names_they_log()
    local lines = {
        CRON = { "(ann) CMD (date)", "cron_username", "ann" },
        crontab = { "(ann) LIST (ann)", "cron_event", "LIST" },
        dhclient = { "DHCPACK from 192.0.2.1", "dhcp_type", "DHCPACK" },
        dhcpd = { "DHCPINFORM from 192.0.2.7 via eth0", "dhcp_source", "eth0" },
        groupadd = { "new group: name=ops, GID=7", "gid", 7 },
        groupdel = { "group 'ops' removed", "group_name", "ops" },
        login = { "ROOT LOGIN  on '/dev/tty1'", "tty", "/dev/tty1" },
        named = { "clients-per-query decreased to 17", "dns_clients_per_query", 17 },
        ["puppet-agent"] = { "Finished catalog run in 1.5 seconds", "puppet_benchmark_seconds",
            1.5 },
        sshd = { "Exiting on signal 2", "signal", "2" },
        su = { "FAILED su for root by ann", "su_status", "FAILED" },
        sudo = { "ann : COMMAND=list", "sudo_command", "list" },
        ["systemd-logind"] = { "Removed session 12.", "session_id", 12 },
        useradd = { "add 'ann' to group 'ops'", "group_name", "ops" },
    }
    for program, case in pairs(lines) do
        local fields = syslog_message.get_prog_grammar(program):match(case[1])
        equal(fields and fields[case[2]], case[3], program)
    end
end

function test_unknown_programs_have_none()
    equal(syslog_message.get_prog_grammar("cron"), nil)
    equal(syslog_message.get_prog_grammar(""), nil)
    equal(syslog_message.get_prog_grammar(nil), nil)
    equal(syslog_message.get_prog_grammar({}), nil)
    equal(syslog_message.get_prog_grammar("lpeg.linux.pam"), nil)
end

function test_a_wildcard_grammar_is_found_by_its_name()
    equal(syslog_message.get_wildcard_grammar("PAM"):match(SESSION).user_name, "ann")
    equal(syslog_message.get_wildcard_grammar("pam"), nil)
end

function test_several_wildcard_grammars_come_as_a_list()
    local list = syslog_message.get_wildcard_grammar{ "none", "PAM" }
    equal(#list, 1)
    equal(list[1]:match(SESSION).user_name, "ann")
    equal(#syslog_message.get_wildcard_grammar{}, 0)
end

function test_without_a_name_all_wildcard_grammars_come_by_name()
    local all = syslog_message.get_wildcard_grammar()
    equal(all.PAM:match(SESSION).user_name, "ann")
end
