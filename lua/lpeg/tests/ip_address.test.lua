-- Tests of lpeg.ip_address.
require "string"
local lpeg = require "lpeg"
local ip = require "lpeg.ip_address"

local function all(grammar, texts)
    local whole = grammar * -1
    for _, text in ipairs(texts) do
        if not whole:match(text) then error("not matched: " .. text, 2) end
    end
end

local function none(grammar, texts)
    local whole = grammar * -1
    for _, text in ipairs(texts) do
        if whole:match(text) then error("matched: " .. text, 2) end
    end
end

function test_v4_addresses()
    all(ip.v4, {"0.0.0.0", "9.10.99.100", "199.200.249.250", "255.255.255.255", "26.30.99.1"})
    none(ip.v4, {
        "", "1", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.5", "256.1.1.1", "1.260.1.1", "1.1.300.1", "1.1.1.999",
            "01.2.3.4",
        "1.2.3.04", "1.2.3.x", "1..2.3", " 1.2.3.4", "1,2,3,4", "-1.2.3.4"})
end

function test_every_octet()
    local whole = ip.v4 * -1
    for n = 0, 999 do
        assert((whole:match(n .. ".0.0.1") ~= nil) == (n <= 255), n)
        assert((whole:match("1.0.0." .. n) ~= nil) == (n <= 255), n)
    end
end

function test_v4_does_not_look_at_what_follows()
    assert(ip.v4:match("1.2.3.4567") == 9)
end

function test_octets_are_numbers()
    local octets = ip.v4_octets:match("10.0.255.7")
    assert(#octets == 4)
    assert(octets[1] == 10 and octets[2] == 0 and octets[3] == 255 and octets[4] == 7)
    assert(ip.v4_octets:match("10.0.256.7") == nil)
end

function test_v6_addresses()
    all(ip.v6, {
        "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::8", "1:2::7:8", "1:2:3::6:7:8",
        "1:2:3:4::6:7:8", "1:2:3:4:5::7:8", "1:2:3:4:5:6::8", "fe80::abcd", "FE80:0000:0000:0000:0202:B3FF:FE1E:8329",
        "::ffff:10.1.2.3", "1:2:3:4:5:6:10.1.2.3", "64:ff9b::192.0.2.33", "1:2:3:4:5::10.1.2.3", "::10.1.2.3"})
    none(ip.v6, {
        "", ":", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":::", "1:::2", "12345::", "g::",
            "1:2:3:4:5:6:7:",
        ":1", "::1:", "::ffff:1.2.3", "::ffff:256.1.1.1", "1:2:3:4:5:6:7:1.2.3.4", "10.1.2.3", "fe80::1%eth0"})
end

function test_host_names()
    all(ip.hostname, {"a", "localhost", "host-1.example.com", "4.example", "x%20y", "A.B", "a!$&'()*+,;=~_"})
    none(ip.hostname, {"", "a b", "a:1", "a/b", "a@b", "[a]", "a?b", "a#b", "a%2", "a%zz", "{a}"})
    assert(ip.hostname:match("WWW.Example.COM/x") == "www.example.com")
end

function test_host_is_any_of_them()
    assert(ip.host:match("::1") == 4)
    assert(ip.host:match("1.2.3.4") == 8)
    assert(ip.host:match("Example.com") == "example.com")
    assert(ip.host:match("/") == nil)
end

function test_fields_say_what_they_are()
    local cases = {
        {"2001:db8::5", "ipv6", "2001:db8::5"}, {"10.1.2.3", "ipv4", "10.1.2.3"}, {"Example.com", "hostname",
            "example.com"},
    }
    for _, case in ipairs(cases) do
        local field = ip.host_field:match(case[1])
        assert(field.representation == case[2], field.representation)
        assert(field.value == case[3], field.value)
    end
    assert(ip.v4_field:match("::1") == nil)
    assert(ip.v6_field:match("10.1.2.3") == nil)
    assert(ip.v4_field:match("10.1.2.3").representation == "ipv4")
    assert(ip.v6_field:match("a::b").value == "a::b")
    assert(ip.host_field:match("") == nil)
end

function test_hostile_texts()
    for _, grammar in ipairs{ip.v4, ip.v6, ip.hostname, ip.host, ip.host_field} do
        assert(not pcall(grammar.match, grammar, nil))
        assert(not pcall(grammar.match, grammar, {}))
    end
    local colons = string.rep(":", 50000)
    assert(ip.v6:match(colons) == 3)
    assert(ip.v6:match(string.rep("1:", 50000)) == 16)
    assert(ip.v6:match(string.rep("f", 50000)) == nil)
    assert(#ip.hostname:match(string.rep("A", 100000)) == 100000)
    assert(ip.v4:match(string.rep("1", 100000)) == nil)
    assert(ip.hostname:match("a\0b") == "a")
end
