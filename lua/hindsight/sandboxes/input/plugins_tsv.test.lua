-- What plugins_tsv.lua does when the files change between two calls. The files are made up.
local io = require "io"
local string = require "string"
local table = require "table"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local injected
function inject_message(msg)
    local fields = msg.Fields
    injected[#injected + 1] = string.format("%s %s %s %s", msg.Type, fields.name, msg.Payload or "",
        table.concat(fields.deltas or {}, ","))
end

function read_config(name) return name end

local printed
function print(...) printed = table.concat({...}, " ") end

local files = {}
local function open(path)
    local text = files[path]
    if not text then return nil, path .. ": No such file or directory" end
    return {read = function() return text end, close = function() end}
end

local script = assert(loadfile("plugins_tsv.lua"))

local function start()
    files, printed = {}, nil
    script()
end

-- The lines that a call injects, sorted.
local function call(tsv)
    files["output_path/plugins.tsv"] = tsv
    injected = {}
    local real = io.open
    io.open = open
    local ok, status = pcall(process_message)
    io.open = real
    assert(ok, status)
    equal(status, 0)
    table.sort(injected)
    return table.concat(injected, "\n")
end

function test_each_plugin_has_differences_of_its_own()
    start()
    call("h\ninput.a\t10\t20\ninput.b\t100\t200\nanalysis.c\t5\t5\n")
    equal(call("h\ninput.a\t11\t22\ninput.b\t103\t204\nanalysis.c\t5\t6\n"),
        "hindsight.plugin.stats analysis.c  0,1\nhindsight.plugin.stats input.a  1,2\n" ..
        "hindsight.plugin.stats input.b  3,4")
    equal(call("h\ninput.a\t21\t22\ninput.b\t103\t304\nanalysis.c\t6\t6\n"),
        "hindsight.plugin.stats analysis.c  1,0\nhindsight.plugin.stats input.a  10,0\n" ..
        "hindsight.plugin.stats input.b  0,100")
end

function test_columns_may_be_added()
    start()
    call("h\ninput.a\t1\n")
    equal(call("h\ninput.a\t2\t7\n"), "hindsight.plugin.stats input.a  1,7")
end

function test_a_plugin_that_was_terminated_has_left_a_reason()
    start()
    files["sandbox_run_path/analysis/c.d.err"] = "boom"
    call("h\ninput.a\t1\nanalysis.c.d\t1\noutput.stopped\t1\n")
    equal(call("h\ninput.a\t1\n"),
        "hindsight.plugin.stats input.a  0\nhindsight.plugin.terminated analysis.c.d boom ")
    equal(call("h\ninput.a\t1\n"), "hindsight.plugin.stats input.a  0")
end

function test_a_plugin_without_a_kind_is_told()
    start()
    call("h\nodd\t1\n")
    equal(call("h\n"), "")
    equal(printed, "not the name of a plugin: odd")
end
