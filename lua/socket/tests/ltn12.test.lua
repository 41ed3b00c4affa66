-- Tests of ltn12.
local string = require "string"
local table = require "table"
local ltn12 = require "ltn12"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual), tostring(expected)), 2)
    end
end

-- Doubles each letter, one letter at a time: it has more ready than it is asked for.
local function doubling()
    local held = ""
    return function(part)
        held = held .. (part or "")
        if held == "" then return part and "" or nil end
        local letter = string.sub(held, 1, 1)
        held = string.sub(held, 2)
        return letter .. letter
    end
end

-- Holds everything back until the end.
local function holding()
    local held = {}
    return function(part)
        if part then
            held[#held + 1] = part
            return ""
        end
        local text = table.concat(held)
        held = {}
        return text ~= "" and text or nil
    end
end

local function all_of(source)
    local parts = {}
    equal(ltn12.pump.all(source, (ltn12.sink.table(parts))), 1)
    return table.concat(parts)
end

function test_a_string_comes_in_blocks()
    local source = ltn12.source.string(string.rep("x", 5000))
    equal(#source(), 2048)
    equal(#source(), 2048)
    equal(#source(), 904)
    equal(source(), nil)
    equal(ltn12.source.string(nil)(), nil)
    equal(ltn12.source.string("")(), nil)
end

function test_sources_of_tables_errors_and_several()
    equal(all_of(ltn12.source.table{"a", "b"}), "ab")
    equal(all_of(ltn12.source.cat(ltn12.source.table{"a"}, ltn12.source.empty(), ltn12.source.string("b"))), "ab")
    local part, err = ltn12.source.error("broken")()
    equal(part, nil)
    equal(err, "broken")
    local ok
    ok, err = ltn12.pump.all(ltn12.source.cat(ltn12.source.table{"a"}, ltn12.source.error("x")), ltn12.sink.null())
    equal(ok, nil)
    equal(err, "x")
end

function test_a_source_takes_parts_back()
    local source = ltn12.source.rewind(ltn12.source.table{"a", "b"})
    equal(source(), "a")
    source("again")
    equal(source(), "again")
    equal(source(), "b")
end

function test_sources_and_sinks_may_name_their_successors()
    local second = ltn12.source.table{"b"}
    local first = function() return "a", second end
    equal(all_of(ltn12.source.simplify(first)), "ab")
    local got = {}
    local function two(part) got[#got + 1] = part and part .. "2" return 1 end
    local function one(part) got[#got + 1] = part .. "1" return 1, two end
    equal(ltn12.pump.all(ltn12.source.table{"a", "b"}, ltn12.sink.simplify(one)), 1)
    equal(table.concat(got, " "), "a1 b2")
end

function test_filters_with_more_ready_than_they_were_given()
    equal(all_of(ltn12.source.chain(ltn12.source.table{"ab", "c"}, doubling())), "aabbcc")
    local parts = {}
    local sink = ltn12.sink.chain(doubling(), (ltn12.sink.table(parts)))
    equal(ltn12.pump.all(ltn12.source.table{"ab", "c"}, sink), 1)
    equal(table.concat(parts), "aabbcc")
end

function test_filters_that_have_nothing_until_the_end()
    equal(all_of(ltn12.source.chain(ltn12.source.table{"ab", "c"}, holding())), "abc")
    equal(all_of(ltn12.source.chain(ltn12.source.table{"ab", "c"}, holding(), doubling(), holding())), "aabbcc")
    equal(all_of(ltn12.source.chain(ltn12.source.table{"ab"}, ltn12.filter.chain(doubling(), doubling()))), "aaaabbbb")
    equal(all_of(ltn12.source.chain(ltn12.source.empty(), holding(), doubling())), "")
    local parts = {}
    local sink = ltn12.sink.chain(doubling(), holding(), (ltn12.sink.table(parts)))
    equal(ltn12.pump.all(ltn12.source.table{"ab", "", "c"}, sink), 1)
    equal(table.concat(parts), "aabbcc")
end

function test_a_filter_that_ends_too_early_is_an_error()
    local broken = function() return nil end
    equal(pcall(all_of, ltn12.source.chain(ltn12.source.table{"a"}, broken)), false)
    equal(pcall(all_of, ltn12.source.chain(ltn12.source.table{"a"}, doubling(), broken)), false)
end

function test_a_sink_that_fails_ends_the_pump()
    local ok, err = ltn12.pump.all(ltn12.source.table{"a"}, ltn12.sink.error("full"))
    equal(ok, nil)
    equal(err, "full")
    ok, err = ltn12.pump.all(ltn12.source.table{"a"}, ltn12.sink.chain(doubling(), ltn12.sink.error("full")))
    equal(err, "full")
end

function test_files_are_closed_at_their_ends()
    local closed = 0
    local written = {}
    local file = {
        left = {"a", "b"},
        read = function(self) return table.remove(self.left, 1) end,
        write = function(_, part) written[#written + 1] = part return true end,
        close = function() closed = closed + 1 end,
    }
    equal(ltn12.pump.all(ltn12.source.file(file), ltn12.sink.file(file)), 1)
    equal(table.concat(written), "ab")
    equal(closed, 2)
    local _, err = ltn12.source.file(nil, "no file")()
    equal(err, "no file")
    _, err = ltn12.sink.file(nil)("x")
    equal(err, "unable to open file")
end
