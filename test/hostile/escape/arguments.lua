-- read_message bears any argument
-- expect: lives
require 'string'
function process_message()
    local things = {0, -1, 1e300, 0 / 0, 1 / 0, 2 ^ 31, 2 ^ 53, '', '\0', 'Fields[', 'Fields[]', 'Fields[a', 'Fields]', 'raw\0', string.rep('x', 100000), {}, print, true, false}
    for i = 0, #things do
        for k = 0, #things do
            for _, f in ipairs{read_message, read_config, decode_message, read_next_field} do
                pcall(f, things[i], things[k])
                pcall(f, 'Fields[number]', things[i], things[k])
            end
        end
    end
    assert(read_message('Type') == 'attack')
    return 0
end
