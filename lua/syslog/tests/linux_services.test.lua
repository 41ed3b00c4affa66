-- lpeg.linux: the grammars of the kernel, of network services and of puppet.
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

function test_dhclient_gives_server_and_times()
    check("dhclient", "DHCPDISCOVER on wlan0 to 255.255.255.255 port 67 interval 13", {
        dhcp_type = "DHCPDISCOVER", dhcp_client_interface = "wlan0",
        dhcp_server_addr = { "255.255.255.255" }, dhcp_server_port = 67,
        dhcp_client_interval_seconds = 13 })
    for _, kind in ipairs{ "DHCPREQUEST", "DHCPDECLINE", "DHCPRELEASE" } do
        check("dhclient", kind .. " on eth1 to 192.0.2.1 port 67", { dhcp_type = kind,
        dhcp_client_interface = "eth1", dhcp_server_addr = { "192.0.2.1" },
        dhcp_server_port = 67 })
    end
    check("dhclient", "DHCPACK from 192.0.2.1", { dhcp_type = "DHCPACK",
        dhcp_server_addr = { "192.0.2.1" } })
    check("dhclient", "bound to 192.0.2.44 -- renewal in 1422 seconds.", {
        dhcp_client_addr = { "192.0.2.44" }, dhcp_client_renewal_seconds = 1422 })
    no_match("dhclient", { "DHCPDISCOVER on a to 192.0.2.1 port 67", "DHCPACK from 192.0.2.1 ",
        "DHCPREQUEST on a to host port 67", "DHCPOFFER from 192.0.2.1" })
end

function test_dhcpd_gives_the_parts_of_requests_and_answers()
    check("dhcpd", "DHCPDISCOVER from 02:00:5e:00:00:01 (phone) via eth0: no free leases", {
        dhcp_type = "DHCPDISCOVER", dhcp_client_hw_addr = "02:00:5e:00:00:01",
        dhcp_client_hostname = "phone", dhcp_source = "eth0", dhcp_message = "no free leases" })
    check("dhcpd", "DHCPDISCOVER from <no identifier> via 192.0.2.254", {
        dhcp_type = "DHCPDISCOVER", dhcp_client_hw_addr = "<no identifier>",
        dhcp_source = "192.0.2.254" })
    check("dhcpd", "DHCPOFFER on 192.0.2.7 to 02:00:5e:00:00:01 (phone) via eth0 [600]", {
        dhcp_type = "DHCPOFFER", dhcp_client_addr = { "192.0.2.7" },
        dhcp_client_hw_addr = "02:00:5e:00:00:01", dhcp_client_hostname = "phone",
        dhcp_source = "eth0", dhcp_lease_time = 600 })
    check("dhcpd",
        "DHCPREQUEST for 192.0.2.7 (192.0.2.1) from 02:00:5e:00:00:01 via eth0: wrong network", {
        dhcp_type = "DHCPREQUEST", dhcp_client_addr = { "192.0.2.7" },
        dhcp_server_addr = "192.0.2.1",
        dhcp_client_hw_addr = "02:00:5e:00:00:01", dhcp_source = "eth0",
        dhcp_message = "wrong network" })
    check("dhcpd", "DHCPACK to 192.0.2.7 (02:00:5e:00:00:01) via eth0", { dhcp_type = "DHCPACK",
        dhcp_client_addr = { "192.0.2.7" }, dhcp_client_hw_addr = "02:00:5e:00:00:01",
        dhcp_source = "eth0" })
    check("dhcpd", "DHCPNAK on 192.0.2.7 to 02:00:5e:00:00:01 via eth0", { dhcp_type = "DHCPNAK",
        dhcp_client_addr = { "192.0.2.7" }, dhcp_client_hw_addr = "02:00:5e:00:00:01",
        dhcp_source = "eth0" })
    check("dhcpd", "DHCPINFORM from 192.0.2.7 via eth0", { dhcp_type = "DHCPINFORM",
        dhcp_client_addr = { "192.0.2.7" }, dhcp_source = "eth0" })
    check("dhcpd", "BOOTREQUEST from 02:00:5e:00:00:01 via eth0", { dhcp_type = "BOOTREQUEST",
        dhcp_client_hw_addr = "02:00:5e:00:00:01", dhcp_source = "eth0" })
    check("dhcpd", "BOOTREPLY for 192.0.2.7 to printer (02:00:5e:00:00:01) via eth0", {
        dhcp_type = "BOOTREPLY", dhcp_client_addr = "printer",
        dhcp_client_hw_addr = "02:00:5e:00:00:01", dhcp_source = "eth0" })
end

function test_dhcpd_gives_the_numbers_of_pools_and_bind_updates()
    check("dhcpd",
        "balanced pool 5e00 192.0.2.0/24  total 90  free 40  backup 45  lts -2  max-misbal 6", {
        dhcp_pool_result = "balanced", dhcp_network = " 5e00 192.0.2.0/24", dhcp_lease_count = 90,
        dhcp_free_leases = 40, dhcp_backup_leases = 45, dhcp_lts = -2, dhcp_thresh = 6 })
    check("dhcpd",
        "balancing pool7 192.0.2.0/24  total 90  free 40  backup 45  lts 2  max-own (+/-)9"
        .. "  (requesting peer rebalance!)", { dhcp_pool_result = "balancing", dhcp_pool_id = "7",
        dhcp_network = "192.0.2.0/24", dhcp_lease_count = 90, dhcp_free_leases = 40,
        dhcp_backup_leases = 45, dhcp_lts = 2, dhcp_hold = 9 })
    check("dhcpd", "bind update on 192.0.2.7 from east rejected: not our lease", {
        dhcp_client_addr = { "192.0.2.7" }, dhcp_failover_peer = "east",
        dhcp_bind_update_status = "rejected", dhcp_message = "not our lease" })
    check("dhcpd", "bind update on 192.0.2.7 got ack from east: xid mismatch", {
        dhcp_client_addr = { "192.0.2.7" }, dhcp_failover_peer = "east",
        dhcp_bind_update_status = "got ack", dhcp_message = "xid mismatch" })
end

function test_text_behind_a_complete_message_of_a_service_is_refused()
    local whole = {
        dhclient = { "DHCPDISCOVER on a to 192.0.2.1 port 67 interval 3",
            "DHCPREQUEST on a to 192.0.2.1 port 67", "DHCPACK from 192.0.2.1",
            "bound to 192.0.2.4 -- renewal in 9 seconds." },
        dhcpd = { "BOOTREQUEST from 02:00:5e:00:00:01 via eth0",
            "DHCPDISCOVER from 02:00:5e:00:00:01 via eth0",
            "DHCPOFFER on 192.0.2.7 to 02:00:5e:00:00:01 via eth0 [600]",
            "balanced pool a  total 90  free 40  backup 45  lts -2  max-misbal 6" },
        named = { "lame server resolving 'a' (in 'b'?): 192.0.2.1#53",
            "timed out resolving 'a/A/IN': 192.0.2.1#53", "clients-per-query decreased to 17",
            "skipping nameserver 'ns' because it is a CNAME, while resolving 'a/A'",
            "zone a/IN/b: sending notifies (serial 3)" },
        puppet_agent = { "(/A) Scheduling refresh of Service[web]",
            "(/A) Unscheduling refresh on Service[web]", "(/A) Triggered 'x' from 2 events",
            "Finished catalog run in 12.75 seconds", "Loading facts" },
    }
    for program, lines in pairs(whole) do
        for _, line in ipairs(lines) do
            equal(type(grammar_of(program):match(line)), "table", line)
            no_match(program, { line .. ": " })
        end
    end
end

local PACKET = "[7381.250000] fw drop: IN=eth0 OUT= MAC=02:00:5e:00:00:01:02:00:5e:00:00:02:08:00 "
    .. "SRC=203.0.113.5 DST=192.0.2.80 LEN=60 TOS=0x00 PREC=0x00 TTL=51 ID=4660 "

local function packet(more)
    local fields = { monotonic_timestamp = 7381.25, nf_prefix = "fw drop: ",
        nf_in_interface = "eth0",
        nf_out_interface = "", nf_dst_mac = "02:00:5e:00:00:01", nf_src_mac = "02:00:5e:00:00:02",
        nf_type_mac = "08:00", nf_src_ip = { "203.0.113.5" }, nf_dst_ip = { "192.0.2.80" },
        nf_len = 60, nf_tos = "0x00", nf_prec = "0x00", nf_ttl = 51, nf_id = 4660 }
    for name, value in pairs(more) do fields[name] = value end
    return fields
end

function test_netfilter_logs_tcp_with_its_flags()
    check("kernel", PACKET .. "PROTO=TCP SPT=1 DPT=2 WINDOW=0 RES=0x00 CWR URG PSH RST FIN URGP=9 ",
        packet{ nf_protocol = "TCP", nf_spt = 1, nf_dpt = 2, nf_window = 0, nf_res = "0x00",
        nf_tcp_cwr = true, nf_tcp_urg = true, nf_tcp_psh = true, nf_tcp_rst = true,
        nf_tcp_fin = true, nf_urgp = 9 })
    check("kernel", PACKET .. "DF PROTO=TCP SPT=50000 DPT=22 SEQ=1 ACK=2 WINDOW=64240 RES=0x00 "
        .. "ECE ACK SYN URGP=0 UID=5 GID=6 MARK=0x9 ", packet{ nf_df = true, nf_protocol = "TCP",
        nf_spt = 50000, nf_dpt = 22, nf_seq = 1, nf_ack = 2, nf_window = 64240, nf_res = "0x00",
        nf_tcp_ece = true, nf_tcp_ack = true, nf_tcp_syn = true, nf_urgp = 0, nf_uid = 5,
        nf_gid = 6,
        nf_mark = "0x9" })
end

function test_netfilter_logs_udp_icmp_and_other_protocols()
    check("kernel", PACKET .. "PROTO=UDP SPT=53 DPT=5353 LEN=40 ", packet{ nf_protocol = "UDP",
        nf_spt = 53, nf_dpt = 5353, nf_udp_len = 40 })
    check("kernel", PACKET .. "CE MF FRAG:185 PROTO=ICMP TYPE=8 CODE=0 ID=7 SEQ=9 ", packet{
        nf_ce = true, nf_mf = true, nf_frag = 185, nf_protocol = "ICMP", nf_icmp_type = 8,
        nf_icmp_code = 0, nf_icmp_id = 7, nf_icmp_seq = 9 })
    check("kernel", PACKET .. "PROTO=ICMP TYPE=5 CODE=1 GATEWAY=192.0.2.1 ", packet{
        nf_protocol = "ICMP", nf_icmp_type = 5, nf_icmp_code = 1,
        nf_icmp_gateway = { "192.0.2.1" } })
    check("kernel", PACKET .. "PROTO=ICMP TYPE=12 CODE=0 PARAMETER=20 ", packet{
        nf_protocol = "ICMP", nf_icmp_type = 12, nf_icmp_code = 0, nf_icmp_parameter = 20 })
    check("kernel", PACKET .. "PROTO=47 ", packet{ nf_protocol = "47" })
end

function test_netfilter_logs_ipv6()
    check("kernel", "[0.5] IN=lo OUT= SRC=fe80::1 DST=ff02::2 LEN=72 TC=0 HOPLIMIT=255 FLOWLBL=7 "
        .. "PROTO=ICMPv6 TYPE=2 CODE=0 MTU=1280 ", { monotonic_timestamp = 0.5, nf_prefix = "",
        nf_in_interface = "lo", nf_out_interface = "", nf_src_ip = { "fe80::1" },
        nf_dst_ip = { "ff02::2" }, nf_len = 72, nf_tc = 0, nf_hoplimit = 255, nf_flowlbl = 7,
        nf_protocol = "ICMPv6", nf_icmpv6_type = 2, nf_icmpv6_code = 0, nf_icmpv6_mtu = 1280 })
end

function test_netfilter_logs_the_data_of_icmp_for_ipv6()
    local line = "[0.5] IN= OUT=lo SRC=fe80::1 DST=ff02::2 LEN=72 TC=0 HOPLIMIT=255 FLOWLBL=0 "
        .. "PROTO=ICMPv6 TYPE=128 CODE=0 "
    local grammar = grammar_of "kernel"
    local fields = grammar:match(line .. "ID=11 SEQ=12 ")
    equal(fields.nf_icmpv6_id, 11)
    equal(fields.nf_icmpv6_seq, 12)
    equal(grammar:match(line .. "POINTER=13 ").nf_icmpv6_pointer, 13)
    fields = grammar:match(line)
    equal(fields.nf_icmpv6_type, 128)
    equal(fields.nf_icmpv6_mtu, nil)
end

function test_segmentation_faults_name_the_process()
    check("kernel", "[99.125] web server[417]: segfault at 8 ip 00007f01 sp 00007ffe error 4 in "
        .. "libz.so[7f00+1000]", { monotonic_timestamp = 99.125, fault_process_name = "web server",
        fault_process_pid = "417", fault_type = "segfault", fault_at = 8,
        fault_instruction_pointer = "00007f01", fault_stack_pointer = "00007ffe",
        fault_error_bits = 4, fault_in = "libz.so[7f00+1000]" })
    no_match("kernel", { "[99.125] usb 1-1: new device", "[99] IN=eth0 OUT=",
        "[99.125] x[1]: segfault" })
end

function test_named_logs_resolver_errors()
    check("named", "lame server resolving 'a.example.org' (in 'example.org'?): 198.51.100.53#53", {
        dns_error = "lame server", dns_name = "a.example.org", dns_domain = "example.org",
        dns_addr = { "198.51.100.53" }, dns_port = 53 })
    local expected = { dns_error = "network unreachable", dns_name = "b.example.org",
        dns_type = "AAAA", dns_class = "IN", dns_addr = { "2001:db8::53" }, dns_port = 53 }
    check("named", "network unreachable resolving 'b.example.org/AAAA/IN': 2001:db8::53#53",
        expected)
    check("named", "error (network unreachable) resolving 'b.example.org/AAAA/IN': 2001:db8::53#53",
        expected)
    check("named", "DNS format error from 198.51.100.53#53 resolving c.example/A for client "
        .. "192.0.2.9#4000: empty answer", { dns_error = "DNS format error",
        dns_addr = { "198.51.100.53" }, dns_port = 53, dns_name = "c.example", dns_type = "A",
        dns_client_addr = { "192.0.2.9" }, dns_client_port = 4000, dns_message = "empty answer" })
    check("named",
        "skipping nameserver 'ns.example' because it is a CNAME, while resolving 'd.example/A'",
        { dns_error = "skipping nameserver", dns_nameserver = "ns.example",
        dns_name = "d.example/A" })
    check("named", "success resolving 'e.example/A' (in 'example'?) after reducing the UDP size", {
        dns_name = "e.example", dns_type = "A", dns_domain = "example",
        dns_message = "reducing the UDP size" })
end

function test_named_logs_clients_zones_and_itself()
    check("named", "client 192.0.2.9#4000/key transfer-key (f.example): view inside: AXFR started",
        {
        dns_client_addr = { "192.0.2.9" }, dns_client_port = 4000,
        dns_client_signer = "transfer-key", dns_name = "f.example", dns_view = "inside",
        dns_message = "AXFR started" })
    check("named", "DNS format error from 198.51.100.53#53 resolving c.example/A: no answer", {
        dns_error = "DNS format error", dns_addr = { "198.51.100.53" }, dns_port = 53,
        dns_name = "c.example", dns_type = "A", dns_message = "no answer" })
    check("named", "client 192.0.2.9#4000: request is denied", { dns_client_addr = { "192.0.2.9" },
        dns_client_port = 4000, dns_message = "request is denied" })
    check("named", "zone example.org/IN/inside: sending notifies (serial 2021072801)", {
        dns_domain = "example.org", dns_class = "IN", dns_view = "inside",
        dns_message = "sending notifies", dns_serial = 2021072801 })
    check("named", "clients-per-query decreased to 17", { dns_clients_per_query = 17 })
    no_match("named", { "running", "clients-per-query decreased to ", "client 192.0.2.9: x" })
end

function test_puppet_logs_parameters()
    local path = "/Stage[main]/Web::Site/File[/srv/www]"
    check("puppet_agent", "(" .. path .. "/mode) mode changed '0755' to '07'55'", {
        puppet_resource_path = path, puppet_parameter = "mode", puppet_ensure_parameter = "mode",
        puppet_old_value = "0755", puppet_new_value = "07'55" })
    check("puppet_agent", "(" .. path .. "/returns) executed successfully", {
        puppet_resource_path = path, puppet_parameter = "returns",
        puppet_change = "executed successfully" })
    check("puppet_agent", "(" .. path .. "/owner) current_value root, should be www (noop)", {
        puppet_resource_path = path, puppet_parameter = "owner", puppet_current_value = "root",
        puppet_should_value = "www", puppet_noop = true })
    check("puppet_agent", "(" .. path .. "/owner) current_value root, should be www (noop) "
        .. "(previously recorded value was ann", { puppet_resource_path = path,
        puppet_parameter = "owner", puppet_current_value = "root", puppet_should_value = "www",
        puppet_historical_value = "ann", puppet_noop = true })
    check("puppet_agent", "(" .. path .. "/content) whatever the provider says", {
        puppet_resource_path = path, puppet_parameter = "content" })
end

function test_puppet_logs_events_and_runs()
    check("puppet_agent", "(Class[Web::Service]) Triggered 'refresh' from 2 events", {
        puppet_resource_path = "Class[Web::Service]", puppet_msg = "Triggered",
        puppet_callback = "refresh", puppet_events_count = 2 })
    check("puppet_agent", "(Class[Web::Service]) Would have triggered 'refresh' from 2 events", {
        puppet_resource_path = "Class[Web::Service]", puppet_msg = "Would have triggered",
        puppet_noop = true, puppet_callback = "refresh", puppet_events_count = 2 })
    check("puppet_agent", "(/Stage[main]/Web) Scheduling refresh of Service[web]", {
        puppet_resource_path = "/Stage[main]/Web", puppet_callback = "refresh",
        puppet_callback_target = "Service[web]" })
    check("puppet_agent", "(/Stage[main]/Web) Unscheduling refresh on Service[web]", {
        puppet_resource_path = "/Stage[main]/Web", puppet_callback = "refresh",
        puppet_callback_target = "Service[web]" })
    check("puppet_agent", "(/Stage[main]/Web) Filebucketed /etc/x to puppet with sum 0cc175b9", {
        puppet_resource_path = "/Stage[main]/Web", puppet_file_path = "/etc/x",
        puppet_bucket = "puppet", puppet_file_sum = "0cc175b9" })
    check("puppet_agent", "Finished catalog run in 12.75 seconds", {
        puppet_msg = "Finished catalog run", puppet_benchmark_seconds = 12.75 })
    check("puppet_agent", "Caching catalog for web-1.example", {})
    check("puppet_agent", "Retrieving pluginfacts", {})
    no_match("puppet_agent", { "Loading facts in /x", "Finished catalog run in 12 seconds" })
end
