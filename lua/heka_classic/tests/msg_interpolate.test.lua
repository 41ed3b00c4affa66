-- Tests of msg_interpolate. Times need TZ=UTC, which sandboxes have.
local message = {}
function read_message(name)
    return message[name]
end

local interpolate = require("msg_interpolate").interpolate_from_msg

local function check(text, expected, seconds)
    local result = interpolate(text, seconds)
    assert(result == expected, tostring(result))
end

function test_headers()
    message = {Type = "T", Hostname = "h", Pid = 12, Uuid = "u-u", Logger = "L", EnvVersion = "", Severity = 6}
    check("%{Type} %{Hostname} %{Pid} %{UUID} %{Logger} [%{EnvVersion}] %{Severity}", "T h 12 u-u L [] 6")
    check("%{Type}%{Type}-%{Type", "TT-%{Type")
    message = {}
    check("%{Type}.%{Pid}", "%{Type}.%{Pid}")
end

function test_fields()
    message = {
        ["Fields[s]"] = "text", ["Fields[n]"] = 99.5, ["Fields[i]"] = 1000, ["Fields[t]"] = true, ["Fields[f]"] = false,
        ["Fields[Payload]"] = "field", ["Fields[a b.c]"] = "%1", ["Fields[e]"] = "",
    }
    check("%{s} %{n} %{i} %{t} %{f} %{Payload} %{a b.c} [%{e}]", "text 99.5 1000 true false field %1 []")
end

function test_times()
    message = {["Fields[%H]"] = "field"}
    check("%{%Y.%m.%d}", "2014.06.05", 1401926400)
    check("%{date:%Y-%d-%m}|%{%b %d, %Y}", "date:1986-27-03|Mar 27, 1986", 512345678.9)
    check("%{%H}", "field", 1401926400)
    local text = interpolate("%{%Y}")
    assert(text ~= "%{%Y}" and tonumber(text) > 2000)
end

function test_what_is_nothing_stays()
    message = {Payload = "p"}
    check("%{Payload} %{missing} %{} {x} %x %{*t} %{!*t}", "%{Payload} %{missing} %{} {x} %x %{*t} %{!*t}", 0)
    check("", "")
end

function test_one_value_is_returned()
    message = {Type = "T"}
    assert(select("#", interpolate("%{Type}")) == 1)
end
