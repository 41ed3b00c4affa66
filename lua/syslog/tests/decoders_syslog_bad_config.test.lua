-- decoders.syslog refuses a configuration of the wrong type when it is loaded.
local string = require "string"

function read_config() return "not a table" end

function test_a_configuration_that_is_no_table_is_refused()
    local ok, err = pcall(require, "decoders.syslog")
    assert(not ok, "loaded")
    assert(string.find(err, "decoders_syslog must be a table", 1, true), err)
end
