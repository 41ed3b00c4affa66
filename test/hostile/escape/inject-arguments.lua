-- inject_message and inject_payload bear any argument
-- expect: lives
require 'string'
function process_message()
    local things = {0, -1, 1e300, 0 / 0, 1 / 0, '', '\0', {}, print, true, {{}}, {Fields = 1}, {Fields = {}}, {Fields = {{}}}, {Fields = {{{}}}}}
    for i = 0, #things do
        for k = 0, #things do
            pcall(inject_payload, things[i], things[k], things[i])
            pcall(inject_message, things[i], things[k])
            pcall(add_to_payload, things[i], things[k])
            pcall(inject_message, {Timestamp = things[i], Severity = things[k], Pid = things[i], Uuid = things[k], Type = things[i], Payload = things[k], Hostname = things[i], Logger = things[k]})
            pcall(inject_message, {Fields = {name = things[i], [1] = things[k]}})
            pcall(inject_message, {Fields = {{name = things[i], value = things[k], value_type = things[i], representation = things[k]}}})
        end
    end
    return 0
end
