-- what the host gives are plain values
-- expect: lives
require 'string'
function process_message()
    for _, name in ipairs{'Type', 'Payload', 'Uuid', 'Timestamp', 'Fields[number]', 'raw', 'Hostname', 'Severity'} do
        local value = read_message(name)
        local kind = type(value)
        assert(kind == 'string' or kind == 'number' or kind == 'nil', kind)
        assert(kind ~= 'string' or value.constructor == nil)
    end
    local read = decode_message(read_message('raw'))
    assert(getmetatable(read) == nil and read.constructor == nil and read.__proto__ == nil and type(read.Fields) == 'table')
    for key, value in pairs(read) do assert(type(key) == 'string' and type(value) ~= 'function' and type(value) ~= 'userdata') end
    return 0
end
