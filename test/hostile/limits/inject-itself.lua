-- a message that the filter itself would get is refused
-- expect: message HKT_SANDBOX_SCRIPT process_message() *creates a circular reference*
-- matcher: Type == 'attack' || Type == 'heka.sandbox.again'
function process_message()
    inject_message({Type = 'again'})
    return 0
end
