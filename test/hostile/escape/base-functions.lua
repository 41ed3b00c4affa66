-- host functions do not call what the guest put in the place of base functions
-- expect: lives
function process_message()
    local read, config, inject = read_message, read_config, inject_payload
    pcall, error, type, pairs, next, select, tonumber, getmetatable, setmetatable, rawget, rawset, unpack = nil
    assert(read('Type') == 'attack')
    assert(config('key') == 'value')
    inject('txt', 'n', 'x')
    return 0
end
