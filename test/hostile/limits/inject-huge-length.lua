-- an encoded message whose lengths lie is refused
-- expect: message HKT_SANDBOX_SCRIPT process_message() *inject_message() protobuf unmarshal failed
function process_message()
    inject_message('\10\16' .. '0123456789abcdef' .. '\82\255\255\255\255\15')
    return 0
end
