-- a state of many globals is kept
-- expect: lives
-- preserve: true
done = done or false
function process_message()
    if done then return 0 end
    done = true
    for i = 1, 5000 do _G['global ' .. i] = {i, 'text ' .. i} end
    return 0
end
