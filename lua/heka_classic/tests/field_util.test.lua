-- Tests of field_util.
local timestamp = 0
function read_message(name)
    return name == "Timestamp" and timestamp or nil
end

local field_util = require "field_util"
require "table"

local function names(set)
    local list = {}
    for name, value in pairs(set) do
        assert(value == true)
        list[#list + 1] = name
    end
    table.sort(list)
    return table.concat(list, " ")
end

local ALL = "EnvVersion Hostname Logger Payload Pid Severity Type"

function test_the_base_fields()
    assert(names(field_util.base_fields_list) == ALL)
    assert(names(field_util.base_fields_tag_list) == "Hostname Logger Severity Type")
end

function test_no_names_are_all_base_fields()
    for _, text in ipairs{"", false} do
        local fields, all_base, all = field_util.field_map(text or nil)
        assert(names(fields) == ALL and all_base == true and all == false)
    end
end

function test_names_between_white_space()
    local fields, all_base, all = field_util.field_map(" a  Type\tb.c\na ")
    assert(names(fields) == "Type a b.c" and all_base == false and all == false)
    fields = field_util.field_map("  ")
    assert(names(fields) == "")
end

function test_names_for_many()
    local fields, all_base, all = field_util.field_map("x **all_base**")
    assert(names(fields) == "**all_base** " .. ALL .. " x" and all_base and not all)
    fields, all_base, all = field_util.field_map("**all**")
    assert(names(fields) == "**all** " .. ALL and not all_base and all)
    assert(names(field_util.base_fields_list) == ALL)
end

function test_times_are_rounded_down()
    timestamp = 7384999999999
    local expected = {ms = 7384999, s = 7384, m = 123, h = 2, us = 7384999}
    for precision, value in pairs(expected) do
        assert(field_util.message_timestamp(precision) == value, precision)
    end
    assert(field_util.message_timestamp(nil) == 7384999)
    timestamp = 0
    assert(field_util.message_timestamp("s") == 0)
end

function test_base_fields_among_the_skipped()
    assert(names(field_util.used_base_fields({Type = true, x = true, Pid = true})) == "Pid Type")
    assert(names(field_util.used_base_fields(nil)) == "")
end
