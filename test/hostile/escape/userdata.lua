-- methods of a circular buffer bear any self
-- expect: lives
require 'circular_buffer'
function process_message()
    local cb = circular_buffer.new(10, 2, 1)
    local mt = getmetatable(cb)
    for _, self in ipairs{0, 'x', {}, print, true, setmetatable({}, mt or {})} do
        for _, name in ipairs{'add', 'get', 'set', 'compute', 'format', 'get_header', 'set_header', 'get_range', 'current_time', 'mannwhitneyu', 'annotate'} do
            local method = cb[name]
            if method then pcall(method, self, 1, 2, 3) pcall(method) pcall(method, cb, 0 / 0, 1e300, 1 / 0) pcall(method, cb, {}, {}, {}) end
        end
    end
        inject_payload('cbuf', 'n', cb)
    return 0
end
