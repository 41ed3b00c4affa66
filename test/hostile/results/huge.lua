-- a huge status is above zero
-- expect: message HKT_SANDBOX_STATUS 
function process_message()
    return 1e300
end
