-- Tests of common_log_format as Heka 0.11 has it.
require "string"
require "os"
local common_log_format = require "common_log_format"

local TIME = os.time{year = 2015, month = 6, day = 7, hour = 8, min = 9, sec = 10}

function test_access_logs_are_those_of_lpeg_common_log_format()
    local t = common_log_format.build_nginx_grammar('$remote_addr [$time_local] "$request" $status')
        :match('192.0.2.1 [07/Jun/2015:08:09:10 +0100] "GET /" 200')
    assert(t.remote_addr.value == "192.0.2.1" and t.remote_addr.representation == "ipv4")
    assert(t.time == (TIME - 3600) * 1e9 and t.request == "GET /" and t.status == 200)
    t = common_log_format.build_apache_grammar('%h "%r" %>s %b'):match('h.example "GET /" 304 -')
    assert(t.remote_addr.representation == "hostname" and t.status == 304 and t.body_bytes_sent.value == 0)
    assert(common_log_format.normalize_user_agent("Mozilla/5.0 (Linux) Firefox/40.1") == "Firefox")
end

function test_error_lines_become_messages()
    local grammar = common_log_format.nginx_error_grammar
    local msg = grammar:match("2015/06/07 08:09:10 [warn] 12#3: *45 a buffer")
    assert(msg.Timestamp == TIME * 1e9 and msg.Severity == 4 and msg.Pid == 12 and msg.Payload == "a buffer")
    assert(msg.Fields.tid == 3 and msg.Fields.connection == 45)
    for name in pairs(msg) do
        assert(name == "Timestamp" or name == "Severity" or name == "Pid" or name == "Payload" or name == "Fields",
            name)
    end
    msg = grammar:match("2015/06/07 08:09:10 [warn] 12#3: ")
    assert(msg.Payload == "" and msg.Fields.connection == nil and msg.Fields.tid == 3)
    assert(grammar:match("2015/06/07 08:09:10 [warn]") == nil)
    assert(grammar:match("") == nil)
    assert(not pcall(grammar.match, grammar, nil))
end
