-- formats of os.date are bounded
-- expect: lives
require 'string'
require 'os'
function process_message()
    pcall(os.date, string.rep('%c', 1000))
    pcall(os.date, '%')
    pcall(os.date, '%E%O%Q')
    pcall(os.date, '*t', 1e300)
    pcall(os.date, '!*t', -1e300)
    pcall(os.date, '\0')
    return 0
end
