-- patterns, formats and replacements with code in them are text
-- expect: lives
require 'string'
local code = {'`', '${throw 1}', '"', "'", '\\', '*/', '/*', '//', '\n', '\r', '\226\128\168', '\1', '\2', '");throw 1;("', "');process.exit();('",
    '`+x+`', '\\u0022', '\\x22', '</script>', '\255', '$&', '$1', '$$', "$'", '$`', '$<a>'}
local function escaped(text) return (text:gsub('%W', '%%%0')) end
function process_message()
    for _, text in ipairs(code) do
        local subject = '' .. text .. '' .. text
        for i = 1, 6 do
            assert(subject:find(text, 1, true) == 2, text)
            assert(subject:find(escaped(text)) == 2, text)
            assert(subject:match('(' .. escaped(text) .. ')') == text, text)
            assert(subject:match('[' .. escaped(text) .. ']+') == text, text)
            assert(subject:match('[^' .. escaped(text) .. ']') == '', text)
            assert(subject:match('^(' .. escaped(text) .. '*)', 1) ~= nil, text)
            assert(('x'):gsub('x', {x = text}) == text and ('x'):gsub('x', function() return text end) == text, text)
            assert(('x'):gsub('x', (text:gsub('%%', '%%%%'))) == text, text)
            assert(('x%sx'):format(text) == 'x' .. text .. 'x' and loadstring('return ' .. ('%q'):format(text))() == text, text)
            for piece in subject:gmatch('(.-)') do assert(piece == text, text) end
        end
        for _, letter in ipairs{'a', 'b', 'n', 'u', 'x', 'z', 'Z', '<', '`', '$', '{', '0'} do
            pcall(string.format, '%' .. text .. letter, 1)
            pcall(string.find, subject, '%' .. letter .. text)
            pcall(string.gsub, subject, '.', '%' .. letter)
        end
    end
    assert(not pcall(string.format, '%99999d', 1) and not pcall(string.format, '%jx', 1) and not pcall(string.format, '%' , 1))
    return 0
end
