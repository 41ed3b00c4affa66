-- heka.alert with a configuration that it cannot take.
local string = require "string"

function read_config(name)
    if name == "alert" then return {modules = {}, lookup = 5} end
end

function test_the_lookup_module_must_be_named()
    local ok, err = pcall(require, "heka.alert")
    assert(not ok, "it was taken")
    assert(string.find(err, "alert.lookup configuration must be a string", 1, true), err)
end
