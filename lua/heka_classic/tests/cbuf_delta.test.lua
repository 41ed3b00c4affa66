-- Tests of cbuf_delta.
local cbuf_delta = require "cbuf_delta"

local HEADER = '{"time":0,"rows":3,"columns":2,"seconds_per_row":60,'
    .. '"column_info":[{"name":"a","unit":"b","aggregation":"sum"},{"name":"c","unit":"d","aggregation":"max"}]}\n'

function test_a_delta_has_its_header_and_rows()
    local delta = cbuf_delta.parse(HEADER .. "60\t1.5\tnan\n120\t-2\t3\n")
    local header = delta.header
    assert(header.rows == 3 and header.columns == 2 and header.seconds_per_row == 60)
    assert(header.column_info[2].name == "c" and header.column_info[1].aggregation == "sum")
    assert(#delta == 2 and delta[1].time == 60e9 and delta[2].time == 120e9)
    assert(delta[1][1] == 1.5 and delta[1][2] ~= delta[1][2] and delta[2][1] == -2 and delta[2][2] == 3)
end

function test_what_is_no_delta_is_nothing()
    assert(cbuf_delta.parse("") == nil)
    assert(cbuf_delta.parse(HEADER) == nil)
    assert(cbuf_delta.parse(HEADER .. "60\tinf\n") == nil)
    assert(cbuf_delta.parse(HEADER .. "60\t1\n\n") == nil)
    assert(cbuf_delta.parse("no JSON\n60\t1\n") == nil)
    assert(cbuf_delta.parse("5\n60\t1\n") == nil)
    assert(cbuf_delta.parse('"text"\n60\t1\n') == nil)
end

function test_the_width_is_that_of_the_longest_row()
    assert(cbuf_delta.width(cbuf_delta.parse(HEADER .. "60\t1\n120\t1\tnan\t3\n180\t1\t2\n")) == 3)
    assert(cbuf_delta.width(cbuf_delta.parse(HEADER .. "60\t1\n")) == 1)
end

local function merged(value, aggregation)
    local calls = {}
    local buffer = {}
    function buffer.add(_, ns, col, added) calls[#calls + 1] = {"add", ns, col, added} end
    function buffer.set(_, ns, col, set) calls[#calls + 1] = {"set", ns, col, set} end
    cbuf_delta.merge(buffer, 60e9, 2, value, aggregation)
    assert(#calls <= 1)
    return calls[1]
end

function test_sums_are_added_and_extremes_set()
    for aggregation, way in pairs{sum = "add", min = "set", max = "set"} do
        local call = merged(5, aggregation)
        assert(call[1] == way and call[2] == 60e9 and call[3] == 2 and call[4] == 5)
    end
end

function test_other_aggregations_and_missing_values_are_passed_over()
    assert(merged(5, "none") == nil)
    assert(merged(5, nil) == nil)
    assert(merged(0 / 0, "sum") == nil)
    assert(merged(0 / 0, "max") == nil)
end
