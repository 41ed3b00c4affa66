-- heka.alert with a configuration that it cannot take.
local string = require "string"

function read_config(name)
    if name == "alert" then return {modules = "email"} end
end

function test_there_must_be_a_table_of_modules()
    local ok, err = pcall(require, "heka.alert")
    assert(not ok, "it was taken")
    assert(string.find(err, "alert.modules configuration must be a table", 1, true), err)
end
