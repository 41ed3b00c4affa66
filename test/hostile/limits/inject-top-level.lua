-- nothing is injected outside of the two functions
-- expect: lives
for i = 1, 1000 do inject_payload('txt', 'n', i) end
for i = 1, 1000 do inject_message({Payload = 'x'}) end
function process_message()

    return 0
end
