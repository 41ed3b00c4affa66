-- output over the limit that is caught does not grow
-- expect: lives
require 'string'
function process_message()
    for i = 1, 100 do pcall(add_to_payload, string.rep('x', 64 * 1024)) end
    inject_payload('txt', 'rest', 'x')
    return 0
end
