-- Permutations and their flips: small arrays of integers, many short loops.
return function(n)
    local permutation, flipped, counts = {}, {}, {}
    for i = 1, n do
        permutation[i], counts[i] = i, i
    end
    local checksum, most, sign = 0, 0, 1
    while true do
        local first = permutation[1]
        if first ~= 1 then
            for i = 2, n do
                flipped[i] = permutation[i]
            end
            local flips = 1
            while true do
                local after = flipped[first]
                if after == 1 then
                    break
                end
                flipped[first] = first
                local low, high = 2, first - 1
                while low < high do
                    flipped[low], flipped[high] = flipped[high], flipped[low]
                    low, high = low + 1, high - 1
                end
                first = after
                flips = flips + 1
            end
            if flips > most then
                most = flips
            end
            checksum = checksum + sign * flips
        end
        if sign == 1 then
            permutation[1], permutation[2] = permutation[2], permutation[1]
            sign = -1
        else
            permutation[2], permutation[3] = permutation[3], permutation[2]
            sign = 1
            for i = 3, n do
                if counts[i] ~= 1 then
                    counts[i] = counts[i] - 1
                    break
                end
                if i == n then
                    return checksum * 100 + most
                end
                counts[i] = i
                local head = permutation[1]
                for k = 1, i do
                    permutation[k] = permutation[k + 1]
                end
                permutation[i + 1] = head
            end
        end
    end
end
