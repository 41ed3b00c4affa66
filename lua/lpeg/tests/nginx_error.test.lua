-- Tests of decoders.nginx.error. What is injected goes into `injected`.
require "string"
require "os"

local injected
function inject_message(msg)
    injected = msg
end
local decode = require "decoders.nginx.error".decode

local LINE = "2020/10/17 21:05:59 [crit] 31#7: *99 open() failed"

function test_a_line_becomes_a_message()
    assert(decode(LINE) == nil)
    assert(injected.Timestamp == os.time{year = 2020, month = 10, day = 17, hour = 21, min = 5, sec = 59} * 1e9)
    assert(injected.Severity == 2 and injected.Pid == 31 and injected.Payload == "open() failed")
    assert(injected.Fields.tid == 7 and injected.Fields.connection == 99)
    for _, name in ipairs{"time", "severity", "pid", "msg"} do assert(injected.Fields[name] == nil, name) end
end

function test_default_headers_are_copied_or_changed_in_place()
    local headers = {Type = "t", Payload = "before", Fields = {kept = 1}}
    decode(LINE, headers)
    assert(injected ~= headers and injected.Type == "t" and injected.Fields.kept == 1 and headers.Payload == "before")
    decode(LINE, headers, true)
    assert(injected == headers and headers.Payload == "open() failed" and headers.Fields.tid == 7)
end

function test_other_lines_are_refused()
    injected = nil
    for length = 0, 32 do assert(decode(string.sub(LINE, 1, length)) == "parse failed", length) end
    assert(decode(string.rep("x", 100000)) == "parse failed")
    assert(injected == nil)
    assert(not pcall(decode, nil))
end
