-- a state with tables as keys is refused with a log line
-- expect: lives
-- preserve: true
-- logs: *cannot preserve type 'table'*
t = {}
function process_message()
    t[{}] = 1
    return 0
end
