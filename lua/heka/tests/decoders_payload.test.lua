-- Tests of decoders.payload.
local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local injected, refuse
function inject_message(msg)
    if refuse then error(refuse, 0) end
    injected = msg
end

local decode = require("decoders.payload").decode

function test_the_record_is_the_payload()
    equal(decode("one\ntwo"), nil)
    equal(injected.Payload, "one\ntwo")
    equal(injected.Fields, nil)
end

function test_default_headers_are_copied()
    local headers = {Type = "t", Payload = "old", Fields = {a = 1}, other = true}
    decode("new", headers)
    equal(injected.Payload, "new")
    equal(injected.Type, "t")
    equal(injected.Fields.a, 1)
    equal(headers.Payload, "old")
    assert(injected.Fields ~= headers.Fields)
end

function test_mutable_default_headers_become_the_message()
    local headers = {Type = "t"}
    decode("new", headers, true)
    equal(injected, headers)
    equal(headers.Payload, "new")
end

function test_what_injecting_throws_is_thrown()
    refuse = "too long"
    local ok, err = pcall(decode, "new")
    refuse = nil
    equal(ok, false)
    equal(err, "too long")
end
