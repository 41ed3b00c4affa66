-- Tests of elasticsearch. Times need TZ=UTC, which sandboxes have.
local message = {Logger = "L", Type = "T", Severity = 6, ["Fields[id]"] = "a/b", ["Fields[quoted]"] = 'say "x"'}
function read_message(name)
    return message[name]
end

local index_json = require("elasticsearch").bulkapi_index_json
local cjson = require "cjson"

local function check(json, index, type_name, id)
    local inner = cjson.decode(json).index
    assert(inner._index == index and inner._type == type_name and inner._id == id, json)
end

function test_names_that_are_given_are_in_it()
    check(index_json("i", "t", "d"), "i", "t", "d")
    check(index_json("i"), "i", nil, nil)
    check(index_json(nil, "t"), nil, "t", nil)
    check(index_json(nil, nil, "d"), nil, nil, "d")
    assert(index_json() == '{"index":{}}')
end

function test_one_call_leaves_nothing_to_the_next()
    index_json("i", "t", "d", 5e9)
    check(index_json("i"), "i", nil, nil)
end

function test_values_are_put_in()
    check(index_json("%{Logger}-%{Severity}", "%{Type}", "%{id}%{quoted}%{missing}"), "L-6", "T", 'a/bsay "x"%{missing}')
end

function test_times_are_those_given()
    check(index_json("%{%Y.%m.%d}", "%{%H}", "%{%M:%S}", 512345678900000000), "1986.03.27", "22", "14:38")
end
