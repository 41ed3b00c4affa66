-- setfenv reaches neither host functions nor their callers
-- expect: lives
function process_message()
    for _, f in ipairs{read_message, inject_message, inject_payload, add_to_payload, print, pcall, setfenv} do
        pcall(setfenv, f, {})
        local ok, env = pcall(getfenv, f)
        assert(not ok or env == _G)
    end
    pcall(setfenv, 0, {})
    for level = 1, 100 do
        local ok, env = pcall(getfenv, level)
        assert(not ok or env == _G or type(env) == 'table')
    end
    assert(read_message('Type') == 'attack')
    return 0
end
