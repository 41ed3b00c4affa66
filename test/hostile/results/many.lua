-- two hundred results are as good as one
-- expect: lives
local t = {0}
function process_message()
    return 0, nil, unpack(t, 1, 200)
end
