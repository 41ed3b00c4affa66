-- Tests of ts_line_protocol.
local message = {}
function read_message(name)
    return message[name]
end
function decode_message(raw)
    assert(raw == message.raw)
    return {Fields = message.fields}
end

local ts_line_protocol = require "ts_line_protocol"
require "string"
require "table"

local function field(name, ...)
    return {name = name, value = {...}}
end

-- Makes the current message: headers, and fields as `field` makes them.
local function set(headers, ...)
    message = {raw = "raw", Timestamp = 1434932024123456789, Logger = "", Type = "", Hostname = ""}
    for name, value in pairs(headers) do message[name] = value end
    message.fields = {...}
    for _, entry in ipairs(message.fields) do message["Fields[" .. entry.name .. "]"] = entry.value[1] end
end

local function lines(make, settings)
    local made = make(ts_line_protocol.set_config(settings))
    return table.concat(made, "\n")
end

local function influx(settings)
    return lines(ts_line_protocol.influxdb_line_msg, settings)
end

local function carbon(settings)
    settings.carbon_format, settings.timestamp_precision = true, "s"
    return lines(ts_line_protocol.carbon_line_msg, settings)
end

local function check(actual, expected)
    assert(actual == expected, actual)
end

function test_defaults_and_settings()
    local config = ts_line_protocol.set_config(nil)
    assert(config.carbon_format == false and config.decimal_precision == "6" and config.name_prefix == false)
    assert(config.name_prefix_delimiter == false and config.skip_fields_str == false)
    assert(config.source_value_field == false and config.tag_fields_str == "**all_base**")
    assert(config.timestamp_precision == "ms" and config.value_field_key == "value")
    assert(config.tag_fields_all_base and not config.tag_fields_all and config.used_tag_fields.Type)
    assert(not config.interp_name_prefix and config.skip_fields == nil)
    config = ts_line_protocol.set_config({
        skip_fields_str = "Type a", tag_fields_str = "**all** b", name_prefix = "x%{Type}"})
    assert(config.skip_fields.a and config.used_base_fields.Type and not config.skip_fields_all_base)
    assert(config.tag_fields_all and config.used_tag_fields.b and config.interp_name_prefix)
end

function test_a_precision_that_is_none_is_refused_at_once()
    for _, precision in ipairs{"x", "100", "-1", "", 1.5} do
        local ok, message = pcall(ts_line_protocol.set_config, {decimal_precision = precision})
        assert(not ok and string.find(message, "decimal_precision must be a number of 0 to 99", 1, true), precision)
    end
    assert(pcall(ts_line_protocol.set_config, {decimal_precision = 3}))
end

function test_each_value_is_a_line()
    set({}, field("a", 1, 2, 3), field("b", "x"), field("a", 4), field("a", 5, 6))
    check(influx({tag_fields_str = "none"}), "a value=1.000000 1434932024123\n"
        .. "a_vidx_1 value=2.000000 1434932024123\n"
        .. "a_vidx_1_vidx_2 value=3.000000 1434932024123\n"
        .. 'b value="x" 1434932024123\n'
        .. "a_fidx_1 value=4.000000 1434932024123\n"
        .. "a_fidx_2 value=5.000000 1434932024123\n"
        .. "a_fidx_2_vidx_1 value=6.000000 1434932024123")
    check(carbon({}), "a 1 1434932024\na_vidx_1 2 1434932024\na_vidx_1_vidx_2 3 1434932024\n"
        .. "a_fidx_1 4 1434932024\na_fidx_2 5 1434932024\na_fidx_2_vidx_1 6 1434932024")
end

function test_messages_without_fields_have_no_lines()
    set({})
    message.fields = nil
    check(influx({}), "")
    check(carbon({}), "")
    set({}, field("empty"))
    check(influx({}), "")
end

function test_skipped_fields()
    set({}, field("a", 1), field("b c", 2), field("d", 3))
    check(influx({skip_fields_str = "a", tag_fields_str = "none"}),
        "b\\ c value=2.000000 1434932024123\nd value=3.000000 1434932024123")
    set({}, field("a.x", 1), field("b.x", 2), field("c", 3))
    check(carbon({skip_fields_str = "a.x b_x"}), "c 3 1434932024")
end

function test_prefixes()
    set({Hostname = "h", Type = "t"}, field("a", 1), field("zone", "eu"))
    check(carbon({name_prefix = "%{zone}.%{Hostname}.%{nope}", name_prefix_delimiter = "-"}),
        "eu.h.%{nope}-a 1 1434932024")
    check(influx({name_prefix = "p", skip_fields_str = "zone", tag_fields_str = "x"}), "pa value=1.000000 1434932024123")
end

function test_a_single_field()
    set({Type = "t"}, field("a", 1), field("b", 2, 3), field("a.c", 4))
    check(carbon({name_prefix = "%{Type}.b", source_value_field = "b"}), "t.b 3 1434932024")
    check(carbon({name_prefix = "n", source_value_field = "a.c"}), "n 4 1434932024")
    check(carbon({name_prefix = "n", source_value_field = "nope"}), "")
    check(influx({name_prefix = "n", name_prefix_delimiter = ".", source_value_field = "a", tag_fields_str = "x"}),
        "n value=1.000000 1434932024123")
end

function test_precisions()
    set({}, field("a", 2 / 3))
    check(influx({decimal_precision = "2", timestamp_precision = "s", value_field_key = "v", tag_fields_str = "x"}),
        "a v=0.67 1434932024")
    check(influx({decimal_precision = "0", timestamp_precision = "m", tag_fields_str = "x"}), "a value=1 23915533")
    check(influx({timestamp_precision = "h", tag_fields_str = "x"}), "a value=0.666667 398592")
end

function test_tags()
    set({Hostname = "h 1", Logger = "l,2", Type = "a=b", Severity = 5}, field("s", "x"), field("n", 7, 8))
    check(influx({tag_fields_str = "Severity", skip_fields_str = "s"}),
        "n,Severity=5 value=7.000000 1434932024123\nn_vidx_1,Severity=5 value=8.000000 1434932024123")
    check(influx({tag_fields_str = "Hostname n", skip_fields_str = "n"}),
        's,Hostname=h\\ 1,n=7,n_vidx_1=8 value="x" 1434932024123')
    local all = influx({tag_fields_str = "**all**", skip_fields_str = "n"})
    for _, tag in ipairs{"Hostname=h\\ 1", "Logger=l\\,2", "Type=a\\=b", "Severity=5", "s=x", "n=7", "n_vidx_1=8"} do
        assert(string.find(all, "," .. tag, 1, true), tag)
    end
    for _, tag in ipairs{"Hostname=h\\ 1", "Logger=l\\,2", "Type=a\\=b", "Severity=5"} do
        assert(string.find(influx({}), "," .. tag, 1, true), tag)
    end
    assert(not string.find(influx({}), ",n=", 1, true))
end

function test_tags_without_a_value_are_left_out()
    set({Logger = "l"}, field("a", 1), field("e", ""))
    check(influx({skip_fields_str = "e"}), "a,Logger=l value=1.000000 1434932024123")
    check(influx({skip_fields_str = "e", tag_fields_str = "e"}), "a value=1.000000 1434932024123")
    set({Logger = "\\\\"}, field("a", 1), field("\\", "x"))
    check(influx({skip_fields_str = "\\", tag_fields_str = "Logger \\"}), "a value=1.000000 1434932024123")
end

function test_values_of_all_types()
    set({}, field("t", true), field("f", false), field("n", -0.5), field("s", "12"), field("e", ""))
    check(influx({tag_fields_str = "x"}), "t value=true 1434932024123\nf value=false 1434932024123\n"
        .. 'n value=-0.500000 1434932024123\ns value="12" 1434932024123\ne value="" 1434932024123')
end

function test_carbon_takes_numbers_alone()
    set({}, field("t", true), field("s", "x"), field("e", ""), field("ip", "192.0.2.1"), field("dot", "."),
        field("n", "-1.5"), field("d", "12"), field("i", 123456789012345), field("big", 1e300), field("m", -3), field("x", 0.125))
    check(carbon({}), "n -1.5 1434932024\nd 12 1434932024\ni 123456789012345 1434932024\nbig 1e+300 1434932024\n"
        .. "m -3 1434932024\nx 0.125 1434932024")
end

function test_numbers_that_cannot_be_stored_are_left_out()
    set({}, field("nan", 0 / 0), field("inf", 1 / 0), field("minus", -1 / 0), field("a", 1))
    check(influx({tag_fields_str = "x"}), "a value=1.000000 1434932024123")
    check(carbon({}), "a 1 1434932024")
end

function test_texts_cannot_add_lines()
    set({Type = "t\nevil 1 2", Hostname = "h\\"}, field("a\nb", 1), field("s", 'x" 1\nevil value=2\\'))
    check(influx({tag_fields_str = "Hostname Type", skip_fields_str = "s", name_prefix = "p\\"}),
        "p\\a\\ b,Type=t\\ evil\\ 1\\ 2,Hostname=h value=1.000000 1434932024123")
    check(influx({tag_fields_str = "x", skip_fields_str = "a\nb a b"}),
        "a\\ b value=1.000000 1434932024123\n" .. 's value="x\\" 1\nevil value=2\\\\" 1434932024123')
    check(carbon({name_prefix = "%{Type}", name_prefix_delimiter = ".", skip_fields_str = "s"}),
        "t_evil_1_2.a_b 1 1434932024")
end
