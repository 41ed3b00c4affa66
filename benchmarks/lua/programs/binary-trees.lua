-- Trees made, walked and dropped: allocation of small tables.
local function make(depth)
    if depth == 0 then
        return {}
    end
    return {left = make(depth - 1), right = make(depth - 1)}
end

local function count(tree)
    if not tree.left then
        return 1
    end
    return 1 + count(tree.left) + count(tree.right)
end

return function(depth)
    local long_lived = make(depth)
    local sum = 0
    for d = 4, depth, 2 do
        for _ = 1, 2 ^ (depth - d + 2) do
            sum = sum + count(make(d))
        end
    end
    return sum + count(long_lived)
end
