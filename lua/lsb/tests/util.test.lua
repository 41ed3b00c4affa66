-- lsb.util
local string = require "string"
local table = require "table"
local util = require "lsb.util"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual),
            tostring(expected)), 2)
    end
end

local function beheaded(index, ...)
    local array = { ... }
    util.behead_array(index, array)
    return table.concat(array, ",")
end

function test_behead_array_moves_the_tail_to_the_front()
    equal(beheaded(3, 1, 2, 3, 4, 5), "3,4,5")
    equal(beheaded(5, 1, 2, 3, 4, 5), "5")
    equal(beheaded(2, 1, 2), "2")
end

function test_behead_array_keeps_all_before_the_first_index()
    equal(beheaded(1, 1, 2), "1,2")
    equal(beheaded(0, 1, 2), "1,2")
    equal(beheaded(-7, 1, 2), "1,2")
end

function test_behead_array_empties_an_array_that_is_too_short()
    equal(beheaded(3, 1, 2), "")
    equal(beheaded(1e15, 1, 2), "")
    equal(beheaded(2), "")
end

function test_pairs_by_key_goes_in_the_order_of_the_keys()
    local seen = {}
    for key, value in util.pairs_by_key{ pear = 3, apple = 1, fig = 2 } do
        seen[#seen + 1] = key .. value
    end
    equal(table.concat(seen, " "), "apple1 fig2 pear3")
end

function test_pairs_by_key_takes_an_order()
    local seen = {}
    for key in util.pairs_by_key({ 10, 20, 30 }, function(a, b) return a > b end) do
        seen[#seen + 1] = key
    end
    equal(table.concat(seen, " "), "3 2 1")
end

function test_pairs_by_key_of_an_empty_table_ends_at_once()
    equal(util.pairs_by_key({})(), nil)
end

function test_pairs_by_key_goes_on_after_a_value_of_false()
    local seen = 0
    for _, value in util.pairs_by_key{ a = false, b = 1 } do
        seen = seen + 1
        if seen == 1 then equal(value, false) end
    end
    equal(seen, 2)
end

function test_pairs_by_key_of_keys_that_do_not_compare_is_an_error()
    equal(pcall(util.pairs_by_key, { [1] = 1, a = 2 }), false)
end

function test_merge_objects_adds_numbers_and_replaces_the_rest()
    local dest = { count = 2, name = "old", on = false, list = { 1, 2 }, own = 1 }
    local src = { count = 3, name = "new", on = true, list = { 10, 20, 30 } }
    src.added = { deep = "x" }
    local merged = util.merge_objects(dest, src)
    equal(merged, dest)
    equal(dest.count, 5)
    equal(dest.name, "new")
    equal(dest.on, true)
    equal(table.concat(dest.list, ","), "11,22,30")
    equal(dest.own, 1)
    equal(dest.added.deep, "x")
end

function test_merge_objects_leaves_out_what_has_another_type()
    local merged = util.merge_objects({ a = 1, b = {}, c = "x" }, { a = "1", b = 2, c = true })
    equal(merged.a, 1)
    equal(type(merged.b), "table")
    equal(merged.c, "x")
end

function test_merge_objects_of_nothing_is_the_other_one()
    local some = {}
    equal(util.merge_objects(nil, some), some)
    equal(util.merge_objects(some, nil), some)
    equal(util.merge_objects(nil, nil), nil)
    equal(util.merge_objects(false, true), true)
end

function test_merge_objects_keeps_values_that_cannot_be_merged()
    local function f() end
    equal(util.merge_objects(f, function() end), f)
end
