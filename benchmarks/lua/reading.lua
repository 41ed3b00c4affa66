counts = {}

function process_message()
    local logger = read_message("Logger")
    local status = read_message("Fields[status]")
    counts[logger] = (counts[logger] or 0) + status
    return 0
end
