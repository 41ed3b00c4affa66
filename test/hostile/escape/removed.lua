-- what a filter may not have is not there
-- expect: lives
function process_message()
    for _, name in ipairs{'collectgarbage', 'coroutine', 'debug', 'dofile', 'io', 'load', 'loadfile', 'newproxy', 'js', 'fengari', 'process', 'globalThis', 'hekateEntry'} do
        assert(_G[name] == nil, name)
    end
    return 0
end
