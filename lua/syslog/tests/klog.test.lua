-- The input klog.lua. It is a script of a sandbox, not a module: it is loaded by its path from the
-- folder of the package, with a file handle that gives prepared lines.
local io = require "io"
local string = require "string"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s (%s), expected %s", what or "value", tostring(actual),
            type(actual), tostring(expected)), 2)
    end
end

local config, opened, lines, injected, running

function read_config(name) return config[name] end
function is_running() return running end
function inject_message(msg)
    injected[#injected + 1] = { msg.Type, msg.Severity, msg.Fields.syslogfacility, msg.Payload }
end

local handle = {}
function handle:read(format)
    equal(format, "*l")
    local line = lines[1]
    for i = 1, #lines do lines[i] = lines[i + 1] end
    return line
end

local function start(settings)
    config, opened, injected, running = settings, {}, {}, true
    assert(loadfile("sandboxes/input/klog.lua"))()
end

local function run(...)
    lines = { ... }
    local open = io.open
    io.open = function(path, mode)
        opened[#opened + 1] = path .. " " .. mode
        if path == "/missing" then return nil, "/missing: No such file or directory" end
        return handle
    end
    local ok, result = pcall(process_message)
    io.open = open
    if not ok then error(result, 0) end
    return result
end

local function check(index, severity, facility, payload)
    local msg = injected[index]
    equal(msg[2], severity, "Severity")
    equal(msg[3], facility, "syslogfacility")
    equal(msg[4], payload, "Payload")
end

function test_a_line_of_the_kernel_is_injected_with_its_severity()
    start{ type = "klog" }
    equal(run("<3>[1.5] disk error"), 0)
    equal(opened[1], "/proc/kmsg rb")
    equal(injected[1][1], "klog")
    check(1, 3, 0, "[1.5] disk error")
end

function test_lines_of_other_facilities_are_left_out()
    start{}
    run("<30>daemon text", "<6>kernel text")
    equal(#injected, 1)
    check(1, 6, 0, "kernel text")
end

function test_lines_without_a_priority_are_notices()
    start{}
    run("plain text", "<>text", "<6>", "", "<1234>text")
    equal(#injected, 5)
    check(1, 5, 0, "plain text")
    check(2, 5, 0, "<>text")
    check(3, 5, 0, "<6>")
    check(4, 5, 0, "")
    check(5, 5, 0, "<1234>text")
end

function test_the_end_of_a_file_ends_the_call_and_the_next_one_goes_on()
    start{ input_file = "/some/file" }
    equal(run("<6>one"), 0)
    equal(run("<6>two"), 0)
    equal(#injected, 2)
    equal(#opened, 1)
    equal(opened[1], "/some/file rb")
end

function test_a_sandbox_that_stops_reads_no_further()
    start{}
    running = false
    equal(run("<6>one"), 0)
    equal(#injected, 0)
end

function test_a_file_that_cannot_be_opened_is_an_error()
    start{ input_file = "/missing" }
    local ok, err = pcall(run, "<6>one")
    equal(ok, false)
    assert(string.find(err, "No such file", 1, true), err)
end
