-- recursion through loadstring is contained
-- expect: message HKT_SANDBOX_* process_message() *
text = 'loadstring(text)() return 1'
function process_message()
    loadstring(text)()
    return 0
end
