-- malformed patterns are ordinary errors
-- expect: lives
require 'string'
function process_message()
    for _, pattern in ipairs{'%', '[', '[%', '[a', '%b', '%bx', '%f', '(', '.)', '%1', '(()', '[]', '[^]', '%g(%1)', '(%1)'} do
        local ok = pcall(string.find, 'some text', pattern)
        pcall(string.gsub, 'some text', pattern, '%9')
        assert(not ok or pattern == '%g(%1)', pattern)
    end
    return 0
end
