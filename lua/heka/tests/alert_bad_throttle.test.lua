-- heka.alert with a configuration that it cannot take.
local string = require "string"

function read_config(name)
    if name == "alert" then return {modules = {}, throttle = -1} end
end

function test_the_throttle_must_be_a_time()
    local ok, err = pcall(require, "heka.alert")
    assert(not ok, "it was taken")
    assert(string.find(err, "alert.throttle configuration must be a number >= 0", 1, true), err)
end
