-- package has no loader and no path to set
-- expect: lives
function process_message()
    for name, value in pairs(package or {}) do
        assert(type(value) ~= 'function' or name == 'seeall', name)
    end
    pcall(function() package.path = '/etc/?;/?' end)
    pcall(function() package.cpath = '/usr/lib/?.so' end)
    pcall(function() package.preload = {evil = function() error('ran') end} end)
    assert(not pcall(require, 'passwd'))
    return 0
end
