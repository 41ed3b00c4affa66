-- Which files heka_inject_payload.lua removes. The file system is made up.
local io = require "io"
local os = require "os"
local string = require "string"
local table = require "table"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

function read_config(name)
    return ({output_dir = "out", output_path = "run"})[name]
end
function read_message() return nil end

local folders, utilization, removed

local real_require = require
function require(name)
    if name ~= "lfs" then return real_require(name) end
    return {
        attributes = function() return "directory" end,
        dir = function(path)
            local left = {".", ".."}
            for _, file in ipairs(folders[path]) do left[#left + 1] = file end
            return function() return table.remove(left, 1) end
        end,
    }
end
assert(loadfile("heka_inject_payload.lua"))()
require = real_require

local function tick(shutdown)
    removed = {}
    local open, remove = io.open, os.remove
    io.open = function(path)
        equal(path, "run/utilization.tsv")
        if not utilization then return nil, "No such file or directory" end
        return {lines = function() return string.gmatch(utilization, "[^\n]+") end, close = function() end}
    end
    os.remove = function(path) removed[#removed + 1] = path end
    local ok, err = pcall(timer_event, 0, shutdown)
    io.open, os.remove = open, remove
    assert(ok, err)
    table.sort(removed)
    return table.concat(removed, " ")
end

local function start()
    folders = {
        out = {"analysis.a.n.txt", "analysis.a.b.n.txt", "analysis.gone.n.txt", "analysis.gone.x.cbuf", "input.gone.n.txt",
            "graphs", "readme.txt"},
        ["out/graphs"] = {"analysis.a.n.html", "analysis.gone.x.html"},
    }
    utilization = "Plugin\tMessages Processed\nanalysis0\t9\t1\nanalysis.a\t5\t1\nanalysis.a.b\t4\t1\noutput.gone\t1\t1\n"
end

function test_files_of_plugins_that_are_not_listed_are_removed()
    start()
    equal(tick(false), "out/analysis.gone.n.txt out/analysis.gone.x.cbuf out/graphs/analysis.gone.x.html")
end

function test_without_a_list_none_is_removed()
    start()
    utilization = nil
    equal(tick(false), "")
end

function test_at_the_end_none_is_removed()
    start()
    equal(tick(true), "")
end
