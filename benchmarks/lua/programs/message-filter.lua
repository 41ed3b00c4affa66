-- A filter as operators write them: dynamic field names, per-key tables, a ring of recent values, statistics.
local hosts = {"web1", "web2", "web3", "db1", "db2"}
local methods = {"GET", "POST", "PUT"}
local names = {"bytes", "request_time", "upstream_time", "queue"}
local RING = 60

local seen = 0
local counts, rings, errors = {}, {}, {}

local function read(message, name)
    local field = name:match("^Fields%[(.+)%]$")
    if field then
        return message.Fields[field]
    end
    return message[name]
end

local function record(key, value)
    local ring = rings[key]
    if not ring then
        ring = {at = 0, sum = 0, squares = 0, count = 0}
        rings[key] = ring
    end
    local at = ring.at % RING + 1
    local old = ring[at]
    if old then
        ring.sum = ring.sum - old
        ring.squares = ring.squares - old * old
    else
        ring.count = ring.count + 1
    end
    ring[at] = value
    ring.at = at
    ring.sum = ring.sum + value
    ring.squares = ring.squares + value * value
    return ring
end

local function deviation(ring)
    local mean = ring.sum / ring.count
    local variance = ring.squares / ring.count - mean * mean
    return variance > 0 and math.sqrt(variance) or 0
end

local function process(message)
    local host = read(message, "Hostname")
    local status = read(message, "Fields[status]")
    local key = host .. "." .. read(message, "Fields[method]")
    counts[key] = (counts[key] or 0) + 1
    if status >= 500 then
        errors[host] = (errors[host] or 0) + 1
    end
    local name = names[1 + seen % #names]
    local value = read(message, "Fields[" .. name .. "]")
    if value then
        local ring = record(host .. "/" .. name, value)
        if value > ring.sum / ring.count + 2 * deviation(ring) then
            return 1
        end
    end
    return 0
end

local function make(i)
    return {
        Type = "nginx.access",
        Hostname = hosts[1 + i % #hosts],
        Fields = {
            status = i % 23 == 0 and 503 or 200,
            method = methods[1 + i % #methods],
            bytes = i * 37 % 4096,
            request_time = i % 100 / 8,
            upstream_time = i % 3 ~= 0 and i % 50 / 4 or nil,
        },
    }
end

-- Handles n messages; state stays from call to call.
return function(n)
    local alerts = 0
    for _ = 1, n do
        seen = seen + 1
        alerts = alerts + process(make(seen))
    end
    return alerts + (counts["web1.GET"] or 0)
end
