-- marks of the emitter and ends of comments in a source are text
-- expect: lives
require 'string'
local texts = {'\1', '\2', '\0017\002', '*/', '/*', '//', '\n//# sourceURL=evil', '`${throw 1}`', '"+process+"', "'+eval+'", '\\',
    '\226\128\168', '\226\128\169', '\0', '\r', '</script>', '-->', '<!--', '\\u0022', '\255\254'}
function process_message()
    for _, text in ipairs(texts) do
        local quoted = ('%q'):format(text)
        local f = assert(loadstring('local t = {[' .. quoted .. '] = ' .. quoted .. '} local k, v = next(t) return k, v, t[' .. quoted .. ']'))
        local k, v, again = f()
        assert(k == text and v == text and again == text, quoted)
        f = loadstring('-- ' .. text:gsub('[\r\n]', '') .. '\nreturn 1')
        assert(f and f() == 1, quoted)
        f = loadstring('--[==[' .. text .. ']==] return 2')
        assert(f and f() == 2, quoted)
        f = loadstring('return [==[' .. text .. ']==]')
        assert(f and type(f()) == 'string', quoted)
        local ok, message = pcall(loadstring('local t = {} return t[' .. quoted .. '].x'))
        assert(not ok and message:find('attempt to index field', 1, true), message)
        ok, message = pcall(loadstring('return ' .. text))
        ok, message = pcall(loadstring('local a' .. text .. ' = 1 return a'))
    end
    return 0
end
