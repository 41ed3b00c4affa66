-- Tests of lpeg.sub_decoder_util. What is injected goes into `injected`; modules are made up: require is ours while
-- lpeg.sub_decoder_util is loaded, and hands it these.
require "string"
local lpeg = require "lpeg"

local injected = {}
local function take(msg, checkpoint)
    injected[#injected + 1] = {msg = msg, checkpoint = checkpoint}
end
inject_message = take

local modules = {}
local real_require = require
function require(name)
    local made_up = modules[name]
    if not made_up then return real_require(name) end
    if type(made_up) == "function" then return made_up() end
    return made_up
end
local sub_decoder_util = require "lpeg.sub_decoder_util"
require = real_require

-- Modules that are functions are loaded each time.
modules["decoders.upper"] = function()
    local inject_message = inject_message
    return {decode = function(data, default_headers)
        if data == "" then return "empty" end
        inject_message({Payload = string.upper(data), Fields = {text = data}}, 7)
    end}
end
modules["decoders.raw"] = function()
    local inject_message = inject_message
    return {decode = function(data) inject_message(data) end}
end
modules["decoders.nothing"] = {}
modules["decoders.broken"] = function() error("cannot load", 0) end
modules["made.up"] = {
    grammar = lpeg.Ct(lpeg.Cg(lpeg.P"key=" * lpeg.C(lpeg.P(1)^0), "key")),
    other = lpeg.Ct(lpeg.Cg(lpeg.Carg(1), "given") * lpeg.Cg(lpeg.Carg(2), "too")),
    build = function(literal, name) return lpeg.Ct(lpeg.Cg(lpeg.P(literal), name)) end,
    double = function(msg, name) msg.Fields[name] = (msg.Fields[name] or "") .. "!" end,
    to_type = function(msg, name) msg.Type = msg.Fields[name] end,
    fail = function() error("no transform", 0) end,
    value = 5,
}
modules["made.up.syslog"] = {syslog_grammar = modules["made.up"].grammar}

-- Runs the decoder, returns what it says and the one message that it injected.
local function decode(f, ...)
    injected = {}
    local err = f(...)
    assert(#injected <= 1)
    return err, injected[1] and injected[1].msg
end

local function message_of(...)
    local ok, message = pcall(...)
    if ok then error("no error", 2) end
    assert(inject_message == take)
    return message
end

local function fails(text, ...)
    local message = message_of(...)
    if not string.find(message, text, 1, true) then error(message, 2) end
end

local load = sub_decoder_util.load_decoder

function test_copying_a_message()
    local msg = {
        Uuid = "u", Logger = "l", Hostname = "h", Timestamp = 1, Type = "t", Payload = "p", EnvVersion = "e", Pid = 2,
        Severity = 3, Fields = {a = {value = 1}}, extra = true,
    }
    local copy = sub_decoder_util.copy_message(msg)
    assert(copy ~= msg and copy.Fields ~= msg.Fields and copy.Fields.a == msg.Fields.a and copy.extra == nil)
    for _, name in ipairs{"Uuid", "Logger", "Hostname", "Timestamp", "Type", "Payload", "EnvVersion", "Pid",
        "Severity"} do
        assert(copy[name] == msg[name], name)
    end
    assert(sub_decoder_util.copy_message(msg, true) == msg)
    assert(next(sub_decoder_util.copy_message(nil)) == nil)
    assert(next(sub_decoder_util.copy_message(nil, true)) == nil)
    assert(sub_decoder_util.copy_message({Fields = "x"}).Fields == nil)
end

function test_adding_fields()
    local msg, fields = {}, {a = 1}
    sub_decoder_util.add_fields(msg, fields)
    assert(msg.Fields == fields)
    sub_decoder_util.add_fields(msg, {a = 2, b = 3})
    assert(msg.Fields.a == 2 and msg.Fields.b == 3)
end

function test_a_decoder_module()
    local err, msg = decode(load("decoders.upper"), "x")
    assert(err == nil and msg.Payload == "X")
    assert(decode(load("decoders.upper"), "") == "empty")
    fails("no decode function defined: decoders.nothing", load, "decoders.nothing")
    fails("cannot load", load, "decoders.broken")
end

function test_a_grammar_gives_fields_and_leaves_the_payload()
    for _, entry in ipairs{"made.up", "made.up#grammar", "made.up.syslog"} do
        local f = load(entry)
        local headers = {Type = "t", Payload = "before", Fields = {key = "old", kept = 1}}
        local err, msg = decode(f, "key=new", headers)
        assert(err == nil and msg ~= headers and msg.Type == "t" and msg.Payload == "before")
        assert(msg.Fields.key == "new" and msg.Fields.kept == 1 and headers.Fields.key == "old")
        err, msg = decode(f, "key=new", headers, true)
        assert(msg == headers and headers.Fields.key == "new")
        err, msg = decode(f, "nothing")
        assert(err == "parse failed" and msg == nil)
    end
    fails("sub_decoder, no grammar defined: ", load, "made.up#nope")
    fails("sub_decoder, no grammar defined: ", load, "made.up#value")
    fails("sub_decoder, no grammar defined: app", sub_decoder_util.load_sub_decoders, {app = "made.up#build"})
end

function test_alternatives_are_tried_in_order_and_keep_the_record()
    local f = load{{{"n=%d", "n"}}, {{"%s=%s", "name", "value"}}}
    local err, msg = decode(f, "n=5", {Payload = "before"})
    assert(err == nil and msg.Payload == "n=5" and msg.Fields.n == 5 and msg.Fields.name == nil)
    err, msg = decode(f, "a=b")
    assert(msg.Fields.name == "a" and msg.Fields.value == "b")
end

function test_what_matches_no_alternative()
    local inline = {{"n=%d", "n"}}
    local err, msg = decode(load{inline}, "other", {Type = "t"})
    assert(err == nil and msg.Payload == "other" and msg.Type == "t" and msg.Fields == nil)
    err, msg = decode(load{inline, "<<DROP>>"}, "other")
    assert(err == nil and msg == nil)
    err, msg = decode(load{inline, "<<FAIL>>"}, "other")
    assert(err == "parse failed" and msg == nil)
    err, msg = decode(load{inline, {"<<FAIL>>"}}, "n=1")
    assert(err == nil and msg.Fields.n == 1)
    fails("no grammar found for: <<DROP>>", load, {"<<DROP>>", inline})
end

function test_samples_choose_a_grammar()
    local messages = {{"took %d ms", "ms"}, {"%s took %d ms", "what", "ms"}}
    local err, msg = decode(load({"x took 5 ms"}, messages), "query took 17 ms")
    assert(err == nil and msg.Fields.what == "query" and msg.Fields.ms == 17)
    fails("no grammar found for: unheard of", load, {"unheard of"}, messages)
    fails("no grammar found for: decoders.upper", load, {"decoders.upper"}, messages)
    fails("no grammar found for: decoders.upper", load, {"decoders.upper", {{"%s", "s"}}})
end

function test_references_to_modules()
    local _, msg = decode(load{{{"made.up"}}}, "key=v")
    assert(msg.Fields.key == "v")
    _, msg = decode(load{{{"made.up#other", "one", 2}}}, "x")
    assert(msg.Fields.given == "one" and msg.Fields.too == 2)
    _, msg = decode(load{{{"made.up#build", "abc", "name"}}}, "abc")
    assert(msg.Fields.name == "abc")
    fails("invalid module reference made.up#value", load, {{{"made.up#value"}}})
    fails("invalid module reference made.up#nope", load, {{{"made.up#nope"}}})
    fails("invalid module reference decoders.nothing", load, {{{"decoders.nothing"}}})
end

function test_transforms_are_called_for_all_their_fields()
    local f = load{{{"n=%s", "n"}, {n = "made.up#double", absent = "made.up#double"}}}
    local _, msg = decode(f, "n=5")
    assert(msg.Fields.n == "5!" and msg.Fields.absent == "!")
    _, msg = decode(f, "other")
    assert(msg.Fields == nil)
    fails("no transform", load{{{"n=%d", "n"}, {n = "made.up#fail"}}}, "n=5")
    fails("invalid transformation function n=made.up#nope", load, {{{"n=%d", "n"}, {n = "made.up#nope"}}})
    fails("invalid transformation function n=made.up", load, {{{"n=%d", "n"}, {n = "made.up"}}})
    fails("invalid transformation function n=made.up#value", load, {{{"n=%d", "n"}, {n = "made.up#value"}}})
end

function test_transforms_of_a_decoder_module()
    local f = load{{"decoders.upper", {text = "made.up#double"}}}
    assert(inject_message == take)
    local err, msg = decode(f, "x")
    assert(err == nil and msg.Fields.text == "x!" and injected[1].checkpoint == 7)
    fails("transformations expect msg to be a table", load{{"decoders.raw", {text = "made.up#double"}}}, "framed")
    fails("no decode function defined: decoders.nothing", load, {{"decoders.nothing", {text = "made.up#double"}}})
    fails("cannot load", load, {{"decoders.broken", {text = "made.up#double"}}})
    err, msg = decode(load{"decoders.upper"}, "x")
    assert(msg.Fields.text == "x")
end

function test_a_configuration_can_be_used_again()
    local entry = {{{"n=%s", "n"}, {n = "made.up#double"}}, "<<FAIL>>"}
    for _ = 1, 2 do
        local f = load(entry)
        local err, msg = decode(f, "n=5")
        assert(err == nil and msg.Fields.n == "5!")
        assert(decode(f, "x") == "parse failed")
    end
end

function test_many_decoders_by_name()
    local decoders = sub_decoder_util.load_sub_decoders({
        app = "made.up", up = "decoders.upper", lines = {"took 5 ms"}}, {{"took %d ms", "ms"}})
    local _, msg = decode(decoders.app, "key=1")
    assert(msg.Fields.key == "1")
    _, msg = decode(decoders.lines, "took 6 ms")
    assert(msg.Fields.ms == 6)
    assert(decoders.unknown == nil)
    assert(next(sub_decoder_util.load_sub_decoders(nil)) == nil)
end

function test_a_star_stands_for_all_other_names()
    local decoders = sub_decoder_util.load_sub_decoders{app = "made.up", ["*"] = "decoders.upper"}
    local _, msg = decode(decoders.whatever, "x")
    assert(msg.Payload == "X")
    _, msg = decode(decoders.app, "key=1")
    assert(msg.Fields.key == "1")
    assert(rawget(decoders, "*") == nil)
end

function test_the_older_name()
    assert(sub_decoder_util.load_sub_decoder == sub_decoder_util.load_decoder)
end

function test_entries_of_wrong_types()
    fails("sub_decoder:  invalid type: number", load, 5)
    fails("sub_decoder:  invalid type: nil", load, nil)
    fails("sub_decoder: app invalid type: boolean", sub_decoder_util.load_sub_decoders, {app = true})
    fails("sub_decoder:  invalid entry: 1", load, {5})
    fails("sub_decoder:  invalid entry: 2", load, {{{"%d", "n"}}, {}})
    fails("sub_decoder: app invalid entry: 1", sub_decoder_util.load_sub_decoders, {app = {{true}}})
    fails("module: <root> item: 1 error: printf format must be a string", load, "made.up", {{5}})
    assert(type(load{}) == "function")
    assert(not pcall(load{{{"%d", "n"}}}, nil))
    assert(not pcall(load "made.up", {}))
end
