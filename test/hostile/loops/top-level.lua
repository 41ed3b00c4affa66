-- an endless loop outside of any function ends the load
-- expect: load HKT_SANDBOX_INSTRUCTIONS *instruction_limit exceeded
while true do end
function process_message()

    return 0
end
