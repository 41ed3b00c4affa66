-- a state of cycles is kept and comes back
-- expect: lives
-- preserve: true
t = t or {}
function process_message()
    t.t = t
    t.list = {t, {t}}
    return 0
end
