-- What elasticsearch_bulk_api.lua makes of a server's answers. The server, the file of the batch and the clock are made up.
local os = require "os"
local string = require "string"
local table = require "table"

local function equal(actual, expected, what)
    if actual ~= expected then
        error(string.format("%s: got %s, expected %s", what or "value", tostring(actual), tostring(expected)), 2)
    end
end

local configuration, printed, now
function read_config(name) return configuration[name] end
function print(text) printed[#printed + 1] = text end
os.time = function() return now end

-- What the server says, one after the other: {status, headers, body}, or a text that is an error.
local answers
local connections, closed, posts, last_headers
local connect_error

local Connection = {}
Connection.__index = Connection

function Connection:post(target, headers, chunks)
    equal(target, "/_bulk")
    local parts = {}
    for chunk in chunks do parts[#parts + 1] = chunk end
    posts[#posts + 1] = table.concat(parts, " ")
    last_headers = headers
    local answer = table.remove(answers, 1)
    if type(answer) == "string" then error(answer, 0) end
    self.open = not answer.ends
    return answer[1], answer[2], answer[3]
end
function Connection:is_open() return self.open end
function Connection:close() closed = closed + 1 end

local Batch = {}
Batch.__index = Batch

function Batch:add(data)
    if self.refuse then return nil, "disk full" end
    self.count = self.count + 1
    self.data[self.count] = data
    return true
end
function Batch:reader()
    local next = 0
    return 17, function()
        next = next + 1
        return self.data[next]
    end, function() self.readers_closed = self.readers_closed + 1 end
end
function Batch:clear() self.count, self.data = 0, {} end

local batch, payload

local modules = {
    ["elasticsearch.http_connection"] = {open = function(server)
        if connect_error then error(connect_error, 0) end
        equal(server.timeout, 10)
        connections[#connections + 1] = server.address .. ":" .. server.port
        return setmetatable({open = true}, Connection)
    end},
    ["elasticsearch.batch_file"] = {open = function(path)
        equal(path, "queue/es.batch")
        return batch
    end},
    ["encoders.test"] = {encode = function()
        if payload == "broken" then error("cannot encode", 0) end
        return payload
    end},
}

local script = assert(loadfile("elasticsearch_bulk_api.lua"))

local real_require = require
local function start(settings, data)
    configuration = {output_path = "queue", Logger = "es", encoder_module = "encoders.test", flush_count = 2,
        ticker_interval = 10}
    for name, value in pairs(settings or {}) do configuration[name] = value end
    batch = setmetatable({count = #(data or {}), data = data or {}, readers_closed = 0}, Batch)
    printed, now, answers, connections, closed, posts, connect_error = {}, 1000, {}, {}, 0, {}, nil
    function require(name) return modules[name] or real_require(name) end
    script()
    require = real_require
end

local JSON = {["content-type"] = "application/json; charset=UTF-8"}
local function good() return {200, JSON, '{"took":1,"errors":false,"items":[]}'} end
local function statuses(...)
    local items = {}
    for i, status in ipairs{...} do items[i] = string.format('{"index":{"_id":"%d","status":%d}}', i, status) end
    return {200, JSON, '{"errors":true,"items":[' .. table.concat(items, ",") .. "]}"}
end

local function give(data)
    payload = data
    return process_message()
end

function test_a_full_batch_is_sent_and_the_next_one_begun()
    start()
    answers = {good(), good()}
    equal(give("a"), 0)
    equal(#posts, 0)
    equal(give("b"), 0)
    equal(posts[1], "a b")
    equal(last_headers["content-length"], 17)
    equal(give("c"), 0)
    equal(give("d"), 0)
    equal(posts[2], "c d")
    equal(batch.count, 0)
    equal(#connections, 1, "connections")
    equal(connections[1], "127.0.0.1:9200")
    equal(batch.readers_closed, 2)
    equal(#printed, 0)
end

function test_what_the_encoder_says_is_the_status()
    start()
    equal(give(nil), -2)
    local status, err = give("broken")
    equal(status, -1)
    equal(err, "cannot encode")
    batch.refuse = true
    status, err = give("a")
    equal(status, -1)
    equal(err, "disk full")
end

function test_while_a_full_batch_cannot_be_sent_messages_wait_and_none_is_lost()
    start()
    answers = {{503, {}, "busy"}, {503, {}, "busy"}, {503, {}, "busy"}, good(), good()}
    equal(give("a"), 0)
    equal(give("b"), 0)
    equal(give("c"), -3)
    equal(give("c"), -3)
    equal(give("c"), 0)
    equal(posts[4], "a b")
    equal(give("d"), 0)
    equal(posts[5], "c d")
    equal(printed[1], "HTTP response error. Status: 503")
    equal(#printed, 3)
end

function test_a_batch_that_was_full_at_the_start_goes_first()
    start(nil, {"x", "y"})
    answers = {good(), good()}
    equal(give("a"), 0)
    equal(posts[1], "x y")
    equal(give("b"), 0)
    equal(posts[2], "a b")
end

function test_a_server_that_is_not_there_is_told()
    start()
    connect_error = "cannot connect"
    give("a")
    give("b")
    equal(printed[1], "cannot connect")
    connect_error = nil
    answers = {good()}
    equal(give("c"), 0)
    equal(posts[1], "a b")
end

function test_a_connection_that_was_idle_is_made_anew_once()
    start()
    answers = {good(), "closed", good()}
    give("a")
    give("b")
    give("c")
    equal(give("d"), 0)
    equal(#posts, 3)
    equal(#connections, 2)
    equal(closed, 1)
    equal(#printed, 0)

    answers = {"closed", "closed again"}
    give("e")
    equal(give("f"), 0)
    equal(#posts, 5)
    equal(printed[1], "closed again")
    equal(batch.count, 2)
end

function test_a_new_connection_that_fails_is_not_made_anew()
    start()
    answers = {"timeout"}
    give("a")
    give("b")
    equal(#posts, 1)
    equal(printed[1], "timeout")
end

function test_a_connection_that_the_server_ends_is_closed()
    start()
    local last = good()
    last.ends = true
    answers = {last, good()}
    give("a")
    give("b")
    equal(closed, 1)
    give("c")
    give("d")
    equal(#connections, 2)
end

function test_documents_that_are_refused_are_not_sent_again()
    start()
    answers = {statuses(201, 400)}
    give("a")
    give("b")
    equal(batch.count, 0)
    equal(printed[1], "ElasticSearch server reported errors processing the submission, not all messages were indexed " ..
        "(err: 1, tot: 2)")
end

function test_unless_all_are_forbidden()
    start()
    answers = {statuses(403, 403), statuses(403, 400)}
    give("a")
    give("b")
    equal(batch.count, 2)
    equal(printed[1], "ElasticSearch rejected all 2 messages, batch will be retried (check your cluster)")
    equal(give("c"), 0)
    equal(batch.count, 1)
end

function test_answers_without_json_are_taken_for_good()
    for _, answer in ipairs{{200, {}, "ok"}, {204, {}, ""}, {304, {}, ""}, {200, {["content-type"] = "text/plain"}, "{"},
        {200, JSON, "{}"}, {200, JSON, '{"errors":true}'}, {200, JSON, '{"errors":true,"items":[5]}'}} do
        start()
        answers = {answer}
        give("a")
        give("b")
        equal(batch.count, 0, answer[3])
    end
    start()
    answers = {{200, JSON, "{broken"}}
    give("a")
    give("b")
    equal(batch.count, 0)
    equal(string.find(printed[1], "HTTP response didn't contain valid JSON. err: ", 1, true), 1)
end

function test_a_batch_is_dropped_after_the_last_try()
    start{max_retry = 1, discard_on_error = true}
    answers = {"one", "two", good()}
    give("a")
    equal(give("b"), 0)
    equal(batch.count, 2)
    equal(give("c"), 0)
    equal(printed[3], "discarded 2 messages")
    equal(batch.data[1], "c")
    equal(give("d"), 0)
    equal(posts[3], "c d")
end

function test_or_the_output_ends_after_it()
    start{max_retry = 1, abort_on_error = true}
    answers = {"one", "two"}
    give("a")
    equal(give("b"), 0)
    local ok, err = pcall(give, "c")
    equal(ok, false)
    equal(string.match(err, "Abort.*"), "Abort sending 2 messages after 2 attempts")
    equal(batch.count, 2)
end

function test_tries_are_counted_for_each_batch()
    start{max_retry = 1, abort_on_error = true}
    answers = {"one", good(), "one", good()}
    give("a")
    give("b")
    equal(give("c"), 0)
    equal(give("d"), 0)
    equal(give("e"), 0)
    equal(batch.data[1], "e")
end

function test_the_timer_sends_what_there_is_when_it_is_time()
    start()
    answers = {good(), good()}
    timer_event(5000e9, false)
    equal(#posts, 0)
    give("a")
    timer_event(1009e9, false)
    equal(#posts, 0)
    now = 1010
    timer_event(1010e9, false)
    equal(posts[1], "a")
    give("b")
    timer_event(1019e9, false)
    timer_event(1019e9, true)
    equal(#posts, 1)
    timer_event(1020e9, true)
    equal(posts[2], "b")
end

function test_the_end_sends_what_there_is_if_it_says_so()
    start{flush_on_shutdown = true}
    answers = {good()}
    give("a")
    timer_event(1001e9, false)
    equal(#posts, 0)
    timer_event(1001e9, true)
    equal(posts[1], "a")
end

function test_headers_say_who_and_what()
    start{address = "es.example", port = 9201, basic_auth_params = {username = "Aladdin", _password = "open sesame"}}
    answers = {good()}
    give("a")
    give("b")
    equal(connections[1], "es.example:9201")
    equal(last_headers.host, "es.example:9201")
    equal(last_headers.authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    equal(last_headers["content-type"], "application/x-ndjson")
end
