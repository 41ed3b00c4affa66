-- module cannot take over what the host uses
-- expect: lives
function process_message()
    pcall(module, '_G')
    pcall(module, 'string')
    pcall(module, 'a.b.c', function() error('x') end)
    pcall(module, '')
    pcall(module, 'package')
    return 0
end
