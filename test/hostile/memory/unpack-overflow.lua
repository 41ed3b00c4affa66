-- unpacking a range that overflows is an ordinary error
-- expect: message HKT_SANDBOX_SCRIPT process_message() *too many results to unpack
function process_message()
    local a = {unpack({}, -2 ^ 31, 2 ^ 31 - 1)}
    return 0
end
