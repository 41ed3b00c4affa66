-- Tables as maps: computed string keys stored, read, removed and walked; integer and mixed keys.
return function(n)
    local users = {}
    local sum = 0
    for i = 1, n do
        local key = "user:" .. i % 997
        local user = users[key]
        if user then
            user.visits = user.visits + 1
            user[i % 3] = i
        else
            users[key] = {visits = 1, ["last seen"] = i}
        end
        if i % 11 == 0 then
            users["user:" .. (i * 7) % 997] = nil
        end
        local found = users["user:" .. (i * 3) % 997]
        if found then
            sum = sum + found.visits
        end
    end
    local entries = 0
    for key, user in pairs(users) do
        entries = entries + 1
        sum = sum + #key * user.visits + (user[1] or 0) % 10
    end
    return sum * 1000 + entries
end
