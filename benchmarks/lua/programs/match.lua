-- Fields out of log lines: match with captures, gmatch over key=value pairs, anchored and lazy patterns.
local lines = {
    '2024-01-02T03:04:05 host7 app[4711]: level=info user=anna id=1017 took=12.5ms msg="request done"',
    '2024-01-02T03:04:06 host8 app[4712]: level=warn user=bert id=2 took=151.0ms msg="slow query"',
    '2024-01-02T03:04:07 host7 cron[99]: level=debug user=root id=77 took=0.3ms msg="tick"',
    '2024-01-02T03:04:09 host9 app[4799]: level=error user=carl id=31337 took=9.9ms msg="gave up: no route"',
}

return function(n)
    local sum = 0
    for i = 1, n do
        local line = lines[1 + i % #lines]
        local hour, minute, second = line:match("T(%d%d):(%d%d):(%d%d)")
        local host, program, pid = line:match("^%S+ (%S+) (%a+)%[(%d+)%]:")
        local message = line:match('msg="(.-)"')
        sum = sum + hour * 3600 + minute * 60 + second + #host + #program + pid + #message
        for key, value in line:gmatch("(%w+)=([%w.]+)") do
            sum = sum + #key + #value
        end
        if line:find("level=error", 1, true) then
            sum = sum + 1
        end
    end
    return sum
end
