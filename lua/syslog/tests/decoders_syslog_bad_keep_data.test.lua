-- decoders.syslog refuses a keep_data of the wrong type when it is loaded.
local string = require "string"

function read_config() return { keep_data = true } end

function test_a_keep_data_that_is_no_text_is_refused()
    local ok, err = pcall(require, "decoders.syslog")
    assert(not ok, "loaded")
    assert(string.find(err, "keep_data must be nil, or a string", 1, true), err)
end
