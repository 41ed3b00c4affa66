-- a guest cannot speak in another's name
-- expect: lives
function process_message()
    inject_message({Type = 'heka.sandbox-terminated', Logger = 'hekad', Hostname = 'other', Payload = 'forged'})
    return 0
end
