-- Lines of an nginx access log, ten of them in a second, each to a table by the grammar of lpeg.common_log_format; three fields are read.
-- Returns a function that takes so many lines and returns a checksum.
local common_log_format = require "lpeg.common_log_format"
local string = require "string"

local grammar = common_log_format.build_nginx_grammar(
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"')

local addresses = {"127.0.0.1", "192.168.100.7", "10.20.30.40", "2001:db8::ff00:42:8329", "203.0.113.250"}
local users = {"-", "-", "-", "alice", "bob"}
local requests = {
    "GET / HTTP/1.1", "GET /static/js/app.min.js?v=20161201 HTTP/2.0", "POST /api/v1/submit HTTP/1.1",
    "GET /images/logo.png HTTP/1.1", "GET /search?q=some+words&page=3&sort=date HTTP/1.1",
}
local statuses = {200, 200, 304, 404, 500}
local referers = {"-", "https://www.example.com/", "http://www.example.org/some/longer/path/page.html?q=1"}
local agents = {
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.8; rv:26.0) Gecko/20100101 Firefox/26.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/54.0.2840.99 Safari/537.36",
    "curl/7.38.0", "-",
}

local function line(i)
    return string.format('%s - %s [10/Feb/2016:%02d:%02d:%02d +0000] "%s" %d %d "%s" "%s"',
        addresses[i % #addresses + 1], users[i % 7 % #users + 1], 8, i / 600, i / 10 % 60,
        requests[i * 3 % #requests + 1], statuses[i * 7 % #statuses + 1], i * 37 % 100000,
        referers[i % #referers + 1], agents[i * 5 % 11 % #agents + 1])
end

local lines = {}
for i = 1, 1000 do lines[i] = line(i) end

return function(count)
    local sum = 0
    for i = 1, count do
        local fields = grammar:match(lines[i % 1000 + 1])
        sum = sum + fields.status + fields.body_bytes_sent.value + fields.time % 1000
    end
    return sum
end
