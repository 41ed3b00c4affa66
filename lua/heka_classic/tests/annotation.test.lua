-- Tests of annotation.
local annotation = require "annotation"
local cjson = require "cjson"
require "string"
require "table"

local function reset()
    _ANNOTATIONS = {}
end

-- The texts in what prune returns.
local function pruned(name, ns)
    local line = annotation.prune(name, ns)
    assert(string.sub(line, -1) == "\n")
    local texts = {}
    for _, entry in ipairs(cjson.decode(line).annotations) do texts[#texts + 1] = entry.text end
    return table.concat(texts, ",")
end

function test_an_annotation_has_its_time_in_milliseconds()
    local created = annotation.create(1234567890123456, 3, "A", "text")
    assert(created.x == 1234567890 and created.col == 3 and created.shortText == "A" and created.text == "text")
end

function test_annotations_are_kept_by_name()
    reset()
    annotation.add("one", 1e9, 1, "A", "a")
    annotation.concat("one", {annotation.create(2e9, 1, "B", "b"), annotation.create(3e9, 2, "C", "c")})
    annotation.add("two", 4e9, 1, "D", "d")
    assert(pruned("one", 5e9) == "a,b,c" and pruned("two", 5e9) == "d")
    annotation.remove("one")
    assert(annotation.prune("one", 5e9) == nil and pruned("two", 5e9) == "d")
end

function test_old_annotations_are_pruned()
    reset()
    local day = 24 * 3600e9
    annotation.add("g", 1e9, 1, "A", "a")
    annotation.add("g", 2e9, 1, "B", "b")
    annotation.add("g", 3e9, 1, "C", "c")
    assert(pruned("g", day + 1e9 - 1e6) == "a,b,c")
    assert(pruned("g", day + 1e9) == "b,c")
    annotation.set_prune("g", 30e9)
    assert(pruned("g", 32e9) == "c")
    assert(#_ANNOTATIONS.g.annotations == 1)
    annotation.add("g", 60e9, 1, "D", "d")
    assert(pruned("g", 60e9) == "d")
end

function test_what_is_pruned_in_between_leaves_no_gap()
    reset()
    annotation.set_prune("g", 10e9)
    for i, seconds in ipairs{1, 50, 2, 51, 3} do annotation.add("g", seconds * 1e9, 1, "A", "t" .. i) end
    assert(pruned("g", 52e9) == "t2,t4")
    assert(#_ANNOTATIONS.g.annotations == 2)
end

function test_no_annotations_are_an_empty_object()
    reset()
    annotation.add("g", 1e9, 1, "A", "a")
    annotation.set_prune("g", 1e9)
    assert(annotation.prune("g", 100e9) == '{"annotations":{}}\n')
end

function test_a_restored_table_is_taken_up()
    _ANNOTATIONS = {g = {annotations = {{x = 5000, col = 1, shortText = "A", text = "old"}}, prune_duration = 60e9}}
    annotation.add("g", 6e9, 1, "B", "new")
    assert(pruned("g", 7e9) == "old,new")
    assert(pruned("g", 65e9) == "new")
end
