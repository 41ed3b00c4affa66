-- heka.alert with a configuration that it cannot take.
local string = require "string"

function read_config(name)
    if name == "alert" then return {modules = {}, thresholds = 5} end
end

function test_thresholds_must_be_a_table()
    local ok, err = pcall(require, "heka.alert")
    assert(not ok, "it was taken")
    assert(string.find(err, "alert.thresholds configuration must be nil or a table", 1, true), err)
end
