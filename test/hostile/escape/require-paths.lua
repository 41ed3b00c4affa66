-- require reaches no file outside of the module folders
-- expect: lives
local good = require 'good'
local inner = require 'sub.inner'
local names = {
    'secret', '../secret', '..secret', '...secret', '..', '.', '/../secret', 'sub/../../secret', 'sub.....secret',
    'sub/inner', 'sub\\inner', 'a\0b', 'good\0', 'good\0../secret', 'good.lua', './good', '%2e%2e/secret', '.good', 'good.',
    '../../etc/passwd', '/etc/passwd', 'etc/passwd', '....etc.passwd', 'file:///etc/passwd', 'node:fs', 'fs', '~/secret',
}

function process_message()
    assert(good.good and inner)
    for _, name in ipairs(names) do
        local ok, text = pcall(require, name)
        assert(not ok, name)
        assert(type(text) == 'string', name)
    end
    return 0
end
