-- Tests of ip_address, the name that Heka 0.11 has for lpeg.ip_address.
local ip_address = require "ip_address"

function test_addresses_are_matched()
    assert(ip_address.v4:match("192.0.2.1") == 10)
    assert(ip_address.v6:match("2001:db8::1") == 12)
    assert(ip_address.v4:match("192.0.2") == nil)
    assert(ip_address.v6:match("2001:db8") == nil)
end
