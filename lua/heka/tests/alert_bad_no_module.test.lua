-- heka.alert with a configuration that it cannot take.
local string = require "string"

function read_config(name)
    if name == "alert" then return {modules = {}} end
end

function test_there_must_be_a_module()
    local ok, err = pcall(require, "heka.alert")
    assert(not ok, "it was taken")
    assert(string.find(err, "No alert modules were specified", 1, true), err)
end
