-- unpacking a range without end is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *too many results to unpack
function process_message()
    local a = {unpack({}, 1, 1e8)}
    return 0
end
