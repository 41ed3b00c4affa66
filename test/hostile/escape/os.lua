-- nothing in os reaches the machine
-- expect: lives
require 'os'
function process_message()
    for _, name in ipairs{'execute', 'exit', 'getenv', 'remove', 'rename', 'setlocale', 'tmpname'} do
        assert(os[name] == nil, name)
    end
    for name in pairs(os) do
        assert(name == 'clock' or name == 'date' or name == 'difftime' or name == 'time', name)
    end
    return 0
end
