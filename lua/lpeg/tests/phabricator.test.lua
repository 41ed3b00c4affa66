-- Tests of lpeg.phabricator.
require "string"
require "os"
local access = require "lpeg.phabricator".access

local function line(...)
    local text = "[Fri, 05 Jul 2019 10:20:30 +0200]"
    for _, value in ipairs{...} do text = text .. "\t" .. value end
    return text
end

function test_a_line_becomes_its_fields()
    local t = access:match(line(4711, "web1.example.org", "192.0.2.7", "ann", "SomeController", "method.name",
        "/api/method.name",
        "-", 200, 1234))
    assert(t.timestamp == (os.time{year = 2019, month = 7, day = 5, hour = 10, min = 20, sec = 30} - 7200) * 1e9)
    assert(t.pid == 4711)
    assert(t.hostname == "web1.example.org")
    assert(t.ip == "192.0.2.7")
    assert(t.user == "ann")
    assert(t.controller == "SomeController")
    assert(t["function"] == "method.name")
    assert(t.path == "/api/method.name")
    assert(t.referrer == "-")
    assert(t.status == 200)
    assert(t.rtime == 1234)
end

function test_addresses_of_both_kinds_and_empty_texts()
    local t = access:match(line(1, "", "2001:db8::1", "", "", "", "", "", 500, 1) .. "\n")
    assert(t.ip == "2001:db8::1" and t.user == "" and t.status == 500)
end

function test_other_lines_do_not_match()
    local whole = line(1, "h", "10.0.0.1", "u", "c", "f", "p", "r", 200, 5)
    assert(access:match(whole))
    for _, text in ipairs{"", whole .. " x", (string.gsub(whole, "\t", " ")), (string.gsub(whole, "10.0.0.1",
        "nowhere")), string.sub(whole, 2)} do
        assert(access:match(text) == nil, text)
    end
    assert(access:match(string.rep("\t", 100000)) == nil)
    assert(not pcall(access.match, access, nil))
end
