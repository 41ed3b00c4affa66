-- goto is no keyword of Lua 5.1, so a loop made of it does not compile
-- expect: load HKT_SANDBOX_SCRIPT *
function process_message()
    ::again::
    goto again
    return 0
end
