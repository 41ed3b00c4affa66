-- Tests of heka.msg_interpolate. The current message is the table `message`.
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual), type(actual),
            tostring(expected)), 2)
    end
end

local message = {}
function read_message(name) return message[name] end

local mi = require "heka.msg_interpolate"

local UUID = "\0\1\2\3\4\5\6\7\8\9\10\11\171\205\239\255"

local function filled(text, seconds)
    return (mi.interpolate(text, seconds))
end

function test_headers_have_their_names()
    message = {Uuid = UUID, Timestamp = 1392050801000000000, Type = "t", Logger = "l", Severity = 7, Payload = "p",
        EnvVersion = "v", Pid = 42, Hostname = "h"}
    equal(filled("%{Type}/%{Logger}/%{Severity}/%{Payload}/%{EnvVersion}/%{Pid}/%{Hostname}"), "t/l/7/p/v/42/h")
    equal(filled("%{Uuid}"), "00010203-0405-0607-0809-0A0BABCDEFFF")
    equal(filled("%{Timestamp}"), "2014-02-10T16:46:41.000000000Z")
end

function test_headers_that_the_message_does_not_have_stay_as_they_are()
    message = {}
    for _, name in ipairs{"Uuid", "Timestamp", "Type", "Logger", "Payload", "EnvVersion", "Pid", "Hostname"} do
        equal(filled("%{" .. name .. "}"), "%{" .. name .. "}")
    end
end

function test_fields_come_behind_headers()
    message = {["Fields[Type]"] = "field", Type = "header", ["Fields[status]"] = 404, ["Fields[ok]"] = false,
        ["Fields[a b]"] = "%1 %{Type}", ["Fields[]"] = "no name"}
    equal(filled("%{Type}"), "header")
    equal(filled("%{status}"), "404")
    equal(filled("%{ok}"), "false")
    equal(filled("<%{a b}>"), "<%1 %{Type}>")
    equal(filled("%{}"), "no name")
end

function test_times_come_last()
    message = {["Fields[%Y]"] = "field"}
    equal(filled("%{!%Y-%m-%d}", 1392050801), "2014-02-10")
    equal(filled("%{%Y}", 0), "field")
    equal(filled("%{!%H}h", 1392050801.75), "16h")
    equal(#filled("%{!%m%d}"), 4)
end

function test_what_is_nothing_of_these_stays_as_it_is()
    message = {}
    equal(filled("%{nothing} %{} %{*t} {Type} %{unclosed"), "%{nothing} %{} %{*t} {Type} %{unclosed")
end

function test_the_number_of_places_is_the_second_result()
    message = {Type = "t"}
    local text, places = mi.interpolate("%{Type}%{nothing}%{Type}")
    equal(text, "t%{nothing}t")
    equal(places, 3)
end

function test_header_functions_can_be_added()
    message = {}
    mi.header_fields.Cluster = function() return "c1" end
    equal(filled("%{Cluster}"), "c1")
    mi.header_fields.Cluster = nil
    equal(filled("%{Cluster}"), "%{Cluster}")
end

function test_timestamps_have_nine_or_three_digits_of_a_second()
    equal(mi.get_timestamp(0), "1970-01-01T00:00:00.000000000Z")
    equal(mi.get_timestamp(1), "1970-01-01T00:00:00.000000001Z")
    equal(mi.get_timestamp(999999999), "1970-01-01T00:00:00.999999999Z")
    equal(mi.get_timestamp(1000000000), "1970-01-01T00:00:01.000000000Z")
    equal(mi.get_timestamp_ms(999999999), "1970-01-01T00:00:00.999Z")
    equal(mi.get_timestamp_ms(1392050801002500000), "2014-02-10T16:46:41.002Z")
end

function test_a_time_right_before_a_second_is_not_in_the_next_one()
    -- The number next to 1,500,000,000 s.
    local ns = 1500000000e9 - 256
    equal(mi.get_timestamp(ns), "2017-07-14T02:39:59.999999744Z")
    equal(mi.get_timestamp_ms(ns), "2017-07-14T02:39:59.999Z")
end

function test_times_before_1970_have_positive_digits()
    equal(mi.get_timestamp(-1), "1969-12-31T23:59:59.999999999Z")
    equal(mi.get_timestamp_ms(-1500000000), "1969-12-31T23:59:58.500Z")
end
