-- a state nested a hundred thousand deep is kept or refused, not crashed on
-- expect: lives
-- preserve: true
deep = deep or {}
done = done or false
function process_message()
    if done then return 0 end
    done = true
    for i = 1, 60000 do deep = {deep} end
    return 0
end
