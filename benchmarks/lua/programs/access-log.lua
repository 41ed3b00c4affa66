-- A filter of nginx access log lines: one pattern with captures, per-path tables, percentiles of the time taken.
local requests = {"GET /index.html", "GET /articles/17?page=2", "POST /login", "GET /static/app.js", "PUT /articles/4"}
local agents = {"Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "Googlebot/2.1"}

local lines = {}
for i = 1, 60 do
    lines[i] = string.format('10.0.%d.%d - %s [02/Jan/2024:03:04:%02d +0000] "%s HTTP/1.1" %d %d "-" "%s" %.4f',
        i % 4, i * 7 % 256, i % 5 == 0 and "anna" or "-", i % 60, requests[1 + i % #requests],
        i % 13 == 0 and 502 or i % 7 == 0 and 404 or 200, i * 331 % 9000, agents[1 + i % #agents], i % 29 / 16)
end

local PATTERN = '^(%S+) %S+ (%S+) %[([^%]]+)%] "(%u+) (%S+) [^"]*" (%d+) (%d+) "[^"]*" "([^"]*)" ([%d.]+)$'

local function handle(line, stats)
    local address, user, time, method, target, status, size, agent, took = line:match(PATTERN)
    if not address then
        return 0
    end
    local path = target:match("^[^?]*"):gsub("%d+", "N")
    local entry = stats[path]
    if not entry then
        entry = {count = 0, bytes = 0, statuses = {}, times = {}}
        stats[path] = entry
    end
    status = tonumber(status)
    entry.count = entry.count + 1
    entry.bytes = entry.bytes + tonumber(size)
    entry.statuses[status] = (entry.statuses[status] or 0) + 1
    entry.times[#entry.times + 1] = tonumber(took)
    local bot = agent:lower():find("bot", 1, true) ~= nil
    return (bot and 1 or 2) + #method + (user ~= "-" and 5 or 0) + #time
end

return function(n)
    local stats, sum = {}, 0
    for i = 1, n do
        sum = sum + handle(lines[1 + i % #lines], stats)
    end
    local paths = {}
    for path in pairs(stats) do
        paths[#paths + 1] = path
    end
    table.sort(paths)
    for i, path in ipairs(paths) do
        local entry = stats[path]
        table.sort(entry.times)
        local median = entry.times[math.ceil(#entry.times / 2)]
        sum = sum + i * entry.count + entry.bytes + (entry.statuses[404] or 0) + median
    end
    return sum
end
