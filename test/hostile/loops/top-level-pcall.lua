-- an endless loop under pcall outside of any function ends the load
-- expect: load HKT_SANDBOX_INSTRUCTIONS *instruction_limit exceeded
while true do
    pcall(function() while true do end end)
end
function process_message()

    return 0
end
