local answer = {Type = "answer", Payload = ""}

function process_message()
    answer.Payload = read_message("Payload")
    inject_message(answer)
    return 0
end
