-- heka.alert with a configuration that it cannot take.
local string = require "string"

function read_config(name)
    if name == "alert" then return "email" end
end

function test_the_configuration_must_be_a_table()
    local ok, err = pcall(require, "heka.alert")
    assert(not ok, "it was taken")
    assert(string.find(err, "alert configuration must be a table", 1, true), err)
end
