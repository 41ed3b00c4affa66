-- unpacking at indices where one more is no other number ends by itself
-- expect: lives
function process_message()
    for _, at in ipairs{2 ^ 53, 2 ^ 62, -2 ^ 63, -2 ^ 53, 1 / 0, 0 / 0} do
        pcall(unpack, {}, at, at)
        pcall(unpack, {}, at, at + 2)
    end
    return 0
end
