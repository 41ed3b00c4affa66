count = 0

function process_message()
    count = count + 1
    return 0
end
