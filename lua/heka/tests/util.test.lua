-- Tests of heka.util.
local string = require "string"
local util = require "heka.util"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual), type(actual),
            tostring(expected)), 2)
    end
end

local function count(t)
    local n = 0
    for _ in pairs(t) do n = n + 1 end
    return n
end

-- ---------------------------------------------------------------------------------------------------------------------
-- table_to_fields

local function fields_of(t, ...)
    local fields = {}
    equal(util.table_to_fields(t, fields, ...), nil)
    return fields
end

function test_nested_names_are_put_together()
    local t = {a = 1, b = {c = "x", d = {e = false}}}
    local fields = fields_of(t)
    equal(fields.a, 1)
    equal(fields["b.c"], "x")
    equal(fields["b.d.e"], false)
    equal(count(fields), 3)
    equal(t.b.d.e, false, "the table stays as it is")
end

function test_arrays_have_numbers_for_names()
    local fields = fields_of{"x", list = {"y", {"z"}}}
    equal(fields["1"], "x")
    equal(fields["list.1"], "y")
    equal(fields["list.2.1"], "z")
    equal(count(fields), 3)
end

function test_the_separator_can_be_any_text()
    equal(fields_of({a = {b = {c = 1}}}, nil, "_")["a_b_c"], 1)
    equal(fields_of({a = {b = 1}}, nil, "->")["a->b"], 1)
    equal(fields_of({a = {b = 1}}, nil, "")["ab"], 1)
    equal(fields_of({a = {b = 1}}, nil, "%d")["a%db"], 1)
    equal(fields_of({a = {b = 1}}, nil, 7)["a.b"], 1, "no text")
end

function test_names_may_begin_with_those_of_a_parent()
    equal(fields_of({a = 1}, "top")["top.a"], 1)
    equal(fields_of({a = {b = 1}}, "top.next", ".", 3)["top.next.a"], '{"b":1}')
    equal(fields_of({a = {b = 1}}, "top.next", ".", 4)["top.next.a.b"], 1)
end

function test_tables_at_the_greatest_depth_become_json()
    local t = {a = {b = {c = {d = 1}}}, e = 2}
    equal(fields_of(t, nil, nil, 1).a, '{"b":{"c":{"d":1}}}')
    equal(fields_of(t, nil, nil, 1).e, 2)
    equal(fields_of(t, nil, nil, 2)["a.b"], '{"c":{"d":1}}')
    equal(fields_of(t, nil, nil, 3)["a.b.c"], '{"d":1}')
    equal(fields_of(t, nil, nil, 4)["a.b.c.d"], 1)
    equal(fields_of(t, nil, "ab", 2)["aabb"], '{"c":{"d":1}}', "a separator of several characters")
    equal(fields_of(t, nil, "", 2)["ab"], '{"c":{"d":1}}', "an empty separator")
    equal(fields_of({b = {b = {c = 1}}}, nil, "w", 3)["bwbwc"], 1, "a separator that is a letter")
end

function test_a_separator_in_a_name_counts_for_the_depth()
    equal(fields_of({["a.b"] = {c = 1}}, nil, nil, 2)["a.b"], '{"c":1}')
    equal(fields_of({["a.b"] = {c = 1}}, nil, nil, 3)["a.b.c"], 1)
end

function test_empty_tables_give_nothing()
    equal(next(fields_of{}), nil)
    equal(next(fields_of{a = {}}), nil)
end

-- ---------------------------------------------------------------------------------------------------------------------
-- table_to_message

local message_of = util.table_to_message

function test_entries_named_like_headers_are_headers()
    local msg = message_of{Uuid = "u", Timestamp = 1, Type = "t", Logger = "l", Severity = 2, Payload = "p",
        EnvVersion = "v", Pid = 3, Hostname = "h", type = "small", Fields = "no header"}
    for name, value in pairs{Uuid = "u", Timestamp = 1, Type = "t", Logger = "l", Severity = 2, Payload = "p",
        EnvVersion = "v", Pid = 3, Hostname = "h"} do
        equal(msg[name], value, name)
    end
    equal(msg.Fields.type, "small")
    equal(msg.Fields.Fields, "no header")
    equal(count(msg.Fields), 2)
end

function test_without_a_map_nested_tables_are_json()
    local msg = message_of{a = {b = 1}, list = {1, 2}, ok = false}
    equal(msg.Fields.a, '{"b":1}')
    equal(msg.Fields.list, "[1,2]")
    equal(msg.Fields.ok, false)
end

function test_an_array_at_the_top_has_numbers_for_names()
    equal(message_of{"x"}.Fields["1"], "x")
end

function test_the_map_names_headers_and_fields()
    local msg = message_of({time = 5, len = 7, [1] = 9},
        {time = {header = "Timestamp"}, len = {field = "length"}, [1] = {field = "first"}})
    equal(msg.Timestamp, 5)
    equal(msg.Fields.length, 7)
    equal(msg.Fields.first, 9)
    equal(count(msg.Fields), 2)
end

function test_nested_tables_have_their_part_of_the_map()
    local msg = message_of({owner = {id = 5, name = "n", deep = {x = 1, y = {z = 2}}}},
        {owner = {id = {field = "owner_id"}, deep = {x = {header = "Pid"}}}})
    equal(msg.Fields.owner_id, 5)
    equal(msg.Fields["owner.name"], "n")
    equal(msg.Pid, 1)
    equal(msg.Fields["owner.deep.y"], '{"z":2}')
    equal(count(msg.Fields), 3)
end

function test_a_part_of_the_map_may_be_named_header_or_field()
    local msg = message_of({m = {header = {a = 1}, field = 2}}, {m = {header = {a = {field = "x"}}}})
    equal(msg.Fields.x, 1)
    equal(msg.Fields["m.field"], 2)
end

function test_a_map_of_a_nested_table_passes_over_what_is_none()
    equal(message_of({owner = 5}, {owner = {id = {field = "owner_id"}}}).Fields, nil)
end

function test_entries_of_nested_tables_are_no_headers()
    equal(message_of({a = {Type = "t"}}, {a = {}}).Fields["a.Type"], "t")
    equal(message_of({Type = "t"}, nil, nil, "a").Fields["a.Type"], "t")
    equal(message_of({Type = "t"}, nil, nil, "").Type, "t")
end

function test_the_message_is_completed()
    local msg = {Type = "t", Fields = {a = 1}}
    equal(message_of({b = 2}, nil, msg), msg)
    equal(msg.Type, "t")
    equal(msg.Fields.a, 1)
    equal(msg.Fields.b, 2)
end

function test_what_is_no_table_gives_nothing()
    for _, value in ipairs{5, "text", false, tostring} do equal(message_of(value), nil) end
    equal(message_of(nil), nil)
end

local function converted(value, kind, representation)
    local fields = message_of({x = value}, {x = {field = "x", type = kind, representation = representation}}).Fields
    return fields and fields.x
end

function test_values_become_texts()
    equal(converted("a", "string"), "a")
    equal(converted(12.5, "string"), "12.5")
    equal(converted(false, "string"), "false")
    equal(converted({1}, "string"), "[1]")
    local bytes = converted("a", "bytes")
    equal(bytes.value, "a")
    equal(bytes.value_type, 1)
    equal(bytes.representation, nil)
    equal(converted({a = 1}, "bytes").value, '{"a":1}')
end

function test_values_become_numbers()
    equal(converted(2.5, "double"), 2.5)
    equal(converted("0x10", "double"), 16)
    equal(converted(true, "double"), 1)
    equal(converted(false, "double"), 0)
    local int = converted("12", "int")
    equal(int.value, 12)
    equal(int.value_type, 2)
end

function test_values_become_booleans()
    equal(converted(true, "boolean"), true)
    equal(converted(false, "boolean"), false)
    equal(converted(0, "boolean"), false)
    equal(converted(-1, "boolean"), true)
    equal(converted("true", "boolean"), 1)
    equal(converted("TRUE", "boolean"), 1)
    equal(converted("True", "boolean"), 0)
    equal(converted("", "boolean"), 0)
end

function test_what_cannot_be_converted_is_left_out()
    for _, kind in ipairs{"int", "double"} do
        equal(converted("twelve", kind), nil, kind)
        equal(converted("", kind), nil, kind)
        equal(converted({1}, kind), nil, kind)
        equal(converted(tostring, kind), nil, kind)
    end
    equal(converted({1}, "boolean"), nil)
    equal(converted("twelve", "int", "apples"), nil)
end

function test_a_representation_makes_the_field_a_table()
    local field = converted(5, "int", "MiB")
    equal(field.value, 5)
    equal(field.value_type, 2)
    equal(field.representation, "MiB")
    field = converted(5, nil, "MiB")
    equal(field.value, 5)
    equal(field.value_type, nil)
    equal(field.representation, "MiB")
    equal(converted(5), 5)
    equal(converted({5}), "[5]")
end
