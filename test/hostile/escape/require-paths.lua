-- require reaches no file outside of the module folders
-- expect: lives
function process_message()
    for _, name in ipairs{'../../etc/passwd', '/etc/passwd', 'etc/passwd', 'a/b', 'a\\b', '..', '.', '', 'a\0b', 'string\0', '....etc.passwd', '%2e%2e', 'a..b', '.hidden', 'file:///etc/passwd', 'node:fs', 'fs'} do
        local ok, text = pcall(require, name)
        assert(not ok, name)
        assert(type(text) == 'string', name)
    end
    return 0
end
