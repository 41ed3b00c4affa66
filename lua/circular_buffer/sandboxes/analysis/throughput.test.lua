-- What of throughput.lua is preserved: its globals.
local function equal(actual, expected)
    if actual ~= expected then error("got " .. tostring(actual) .. ", expected " .. tostring(expected), 2) end
end

local script = assert(loadfile("throughput.lua"))

local configuration
function read_config(name) return configuration[name] end

function test_the_counts_are_preserved()
    configuration = {rows = 5, sec_per_row = 10}
    script()
    local rows, columns, seconds_per_row = counts:get_configuration()
    equal(rows, 5)
    equal(columns, 1)
    equal(seconds_per_row, 10)
    equal(process_message(), 0)
    equal(counts:get(counts:current_time(), 1), 1)
    equal(_PRESERVATION_VERSION, 0)
end

function test_the_version_can_be_told()
    configuration = {rows = 5, preservation_version = 7}
    script()
    equal(_PRESERVATION_VERSION, 7)
end
