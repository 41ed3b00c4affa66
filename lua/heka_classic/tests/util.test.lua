-- Tests of util as Heka 0.11 has it.
require "string"
local util = require "util"

local function flat(...)
    local fields = {}
    util.table_to_fields((select(1, ...)), fields, select(2, ...))
    return fields
end

local function check(actual, expected)
    for name, value in pairs(expected) do
        if actual[name] ~= value then
            error(string.format("%s: expected %s, got %s", tostring(name), tostring(value), tostring(actual[name])), 2)
        end
    end
    for name in pairs(actual) do
        if expected[name] == nil then error("unexpected " .. tostring(name), 2) end
    end
end

function test_names_are_joined()
    local t = {a = 1, b = {c = "x", d = {e = true, f = {}}}, g = {5, {6}}}
    check(flat(t), {a = 1, ["b.c"] = "x", ["b.d.e"] = true, ["g.1"] = 5, ["g.2.1"] = 6})
    check(flat(t, "p", "_"), {p_a = 1, p_b_c = "x", p_b_d_e = true, p_g_1 = 5, p_g_2_1 = 6})
    check(flat({}, "p"), {})
end

function test_deep_tables_become_json()
    local t = {a = {b = {c = {1, 2}}}, d = 5}
    check(flat(t, nil, "/", 2), {["a/b"] = '{"c":[1,2]}', d = 5})
    check(flat(t, nil, ".", 2), {["a.b"] = '{"c":[1,2]}', d = 5})
    check(flat(t, nil, nil, 1), {a = '{"b":{"c":[1,2]}}', d = 5})
    check(flat(t, nil, "%d", 3), {["a%db%dc"] = "[1,2]", d = 5})
    check(flat(t, nil, nil, 9), {["a.b.c.1"] = 1, ["a.b.c.2"] = 2, d = 5})
end

function test_nulls_are_left_out()
    local cjson = require "cjson"
    check(flat{a = cjson.null, b = {c = cjson.null, d = 1}}, {["b.d"] = 1})
end

function test_names_that_are_numbers_stay_so_at_the_top()
    check(flat{"x", {y = 1}}, {"x", ["2.y"] = 1})
end

function test_wrong_types()
    assert(not pcall(util.table_to_fields, nil, {}))
    assert(not pcall(util.table_to_fields, {a = 1}, nil))
    assert(not pcall(util.table_to_fields, {a = {[true] = 1}}, {}))
end

local function numbers(count)
    local array = {}
    for i = 1, count do array[i] = i end
    return array
end

function test_beheading()
    local cases = {{0, 5}, {1, 5}, {2, 5}, {5, 5}, {6, 5}, {100, 5}, {3, 0}, {-4, 3}}
    for _, case in ipairs(cases) do
        local index, count = case[1], case[2]
        local array = numbers(count)
        util.behead_array(index, array)
        local removed = index > 1 and (index - 1 < count and index - 1 or count) or 0
        assert(#array == count - removed, index)
        for i = 1, #array do assert(array[i] == i + removed, index) end
    end
    assert(not pcall(util.behead_array, 2, nil))
end
