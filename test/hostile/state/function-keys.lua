-- a state with functions as keys is refused with a log line
-- expect: lives
-- preserve: true
-- logs: *cannot preserve type 'function'*
t = {}
function process_message()
    t[print] = 1
    return 0
end
