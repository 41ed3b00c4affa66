-- a status that is not a number of any size is contained
-- expect: lives
function process_message()
    return 0 / 0
end
