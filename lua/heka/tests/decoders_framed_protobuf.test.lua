-- Tests of decoders.heka.framed_protobuf with a reader that is made up: a message is "(...)", and there is room for eight
-- bytes.
local string = require "string"

local ROOM = 8

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local readers = 0

local Reader = {}
Reader.__index = Reader

function Reader:find_message(piece)
    self.unread = self.unread .. (piece or "")
    if #self.unread > ROOM then error("buffer reallocation failed", 0) end
    local first = string.find(self.unread, "(", 1, true)
    if not first then
        local passed = #self.unread
        self.unread = ""
        return false, passed, ROOM
    end
    local last = string.find(self.unread, ")", first, true)
    if not last then
        self.unread = string.sub(self.unread, first)
        return false, first - 1, ROOM - #self.unread
    end
    self.message = string.sub(self.unread, first, last)
    self.unread = string.sub(self.unread, last + 1)
    return true, last, #self.unread > 0 and 0 or ROOM
end

function create_stream_reader(name)
    equal(name, "decoders.heka.framed_protobuf")
    readers = readers + 1
    return setmetatable({unread = ""}, Reader)
end

local injected, refused
function inject_message(reader)
    if reader.message == refused then error("refused", 0) end
    injected = injected .. reader.message
end

local decode_record = require("decoders.heka.framed_protobuf").decode

local function decode(data)
    injected = ""
    return decode_record(data)
end

function test_a_record_may_be_longer_than_the_readers_room()
    equal(decode("(a)(bc)(def)(ghij)()(klm)"), nil)
    equal(injected, "(a)(bc)(def)(ghij)()(klm)")
    equal(decode("no message here, then (one) and (two), and no more"), nil)
    equal(injected, "(one)(two)")
end

function test_one_reader_serves_all_whole_records()
    decode("(a)")
    local before = readers
    decode("(b)")
    decode("junk")
    decode("(c)")
    equal(readers, before)
end

function test_what_is_cut_off_does_not_spoil_the_next_record()
    equal(decode("(a)(bcd"), "the last message is cut off")
    equal(injected, "(a)")
    equal(decode("e)(f)"), nil)
    equal(injected, "(f)")
end

function test_a_record_without_a_message_is_a_failure()
    equal(decode(""), "no message found")
    equal(decode("junk, and a lot of it"), "no message found")
end

function test_a_message_that_is_refused_takes_the_rest_of_its_record_with_it()
    refused = "(b)"
    local ok, err = pcall(decode, "(a)(b)(c)")
    refused = nil
    equal(ok, false)
    equal(err, "refused")
    equal(injected, "(a)")
    equal(decode("(d)"), nil)
    equal(injected, "(d)")
end

function test_a_message_that_is_too_long_takes_the_rest_of_its_record_with_it()
    equal(pcall(decode, "(a)(bcdefghijkl)(m)"), false)
    equal(decode("(d)"), nil)
    equal(injected, "(d)")
end
