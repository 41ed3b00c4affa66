-- Tests of heka.folders, on a file system that is made up.
local string = require "string"

local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local folders, made, refused, raced

local real_require = require
function require(name)
    if name ~= "lfs" then return real_require(name) end
    return {
        attributes = function(path, what)
            equal(what, "mode")
            return folders[path]
        end,
        mkdir = function(path)
            made[#made + 1] = path
            if path == raced then folders[path] = "directory" end
            if path == refused or path == raced then return nil, "No way" end
            folders[path] = "directory"
            return true
        end,
    }
end
local make = real_require("heka.folders").make
require = real_require

local function start(existing)
    folders, made, refused, raced = existing, {}, nil, nil
end

function test_missing_folders_are_made_from_above()
    start{["/var"] = "directory"}
    equal(make("/var/a/b/c"), true)
    equal(made[1], "/var/a")
    equal(made[2], "/var/a/b")
    equal(made[3], "/var/a/b/c")
    equal(#made, 3)
end

function test_a_folder_that_is_there_is_left_alone()
    start{["a/b"] = "directory"}
    equal(make("a/b"), true)
    equal(#made, 0)
end

function test_slashes_may_be_doubled_and_come_last()
    start{}
    equal(make("a//b/"), true)
    equal(made[1], "a")
    equal(made[2], "a//b/")
    equal(#made, 2)
end

function test_why_a_folder_cannot_be_made_is_told()
    start{}
    refused = "a/b"
    local ok, err = make("a/b/c")
    equal(ok, nil)
    equal(err, "cannot make the folder a/b: No way")
    equal(#made, 2)
end

function test_somebody_else_may_make_it()
    start{}
    raced = "a"
    equal(make("a/b"), true)
end

function test_a_file_in_the_way_is_an_error()
    start{a = "file"}
    refused = "a"
    local ok, err = make("a")
    equal(ok, nil)
    assert(string.find(err, "cannot make the folder a", 1, true), err)
end
