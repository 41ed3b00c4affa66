-- names of chunks with code, quotes and line ends in them are text
-- expect: lives
require 'string'
function process_message()
    for _, name in ipairs{'=a"b', "=a'b", '=a\nb', '@*/ process.exit() /*', '=\226\128\168throw', '=`${1}`', '=\0x', '@lua:0', '=\1\0012\2',
        '=//# sourceURL=evil', '@__proto__', '=constructor', '', '=', '@', '\\', '=%s %d', '=($f0_0_)', '=at $f0_0_ (lua:1:1:1)'} do
        local f = assert(loadstring('local a\nreturn 1 + a.b', name))
        local ok, text = pcall(f)
        assert(not ok and text:find(":2: attempt to index local 'a' (a nil value)", 1, true), text)
        f, text = loadstring('x = = 1', name)
        assert(f == nil and text:find("unexpected symbol near '='", 1, true), text)
    end
    return 0
end
