--[[
Sends messages to Elasticsearch's bulk API, many at once. They are gathered in a file, so that none is lost when the plugin
stops or the server does.

Configuration, with the defaults unless noted

  filename = "elasticsearch_bulk_api.lua"
  message_matcher = "Type == 'nginx'"
  ticker_interval = 10       -- seconds after which a batch is sent though it is not full
  memory_limit = 200e6       -- the server's answers are as long as their batch has documents
  address = "127.0.0.1"
  port = 9200
  timeout = 10               -- seconds
  flush_count = 50000        -- messages of a full batch
  flush_on_shutdown = false  -- true: try to send what there is
  max_retry = 0              -- seconds, with a try in each; what comes after them says one of the next two
  discard_on_error = false   -- true: drop the batch
  abort_on_error = false     -- true: end the plugin
  basic_auth_params = {username = "name", _password = "secret"}                 -- optional
  ssl_params = {protocol = "tlsv1_2", cafile = "ca.pem", verify = {"peer"}}     -- optional; needs the module ssl
  output_path = "."          -- folder of the batch's file, <Logger>.batch; Hindsight says it
  encoder_module = "encoders.elasticsearch.payload"
  encoders_elasticsearch_common = {index = "%{Logger}-%{%Y.%m.%d}", type_name = "%{Type}"}   -- see that module; required

Returns 0; -1 and why the encoder could not; -2 for a message that it skips; -3, to be given the message again, while a full
batch cannot be sent. Documents that the server refuses one by one are not sent again, unless it refuses all with status 403.
--]]

local mime = require "mime"
local os = require "os"
local rjson = require "rjson"
local string = require "string"
local batch_file = require "elasticsearch.batch_file"
local http_connection = require "elasticsearch.http_connection"

local format = string.format

local NS_PER_SECOND = 1e9
local OK, LAST_GOOD_STATUS, FORBIDDEN, FIRST_ERROR = 200, 304, 403, 400

local address = read_config("address") or "127.0.0.1"
local port = read_config("port") or 9200
local timeout = read_config("timeout") or 10
local flush_count = read_config("flush_count") or 50000
local flush_on_shutdown = read_config("flush_on_shutdown")
local ticker_interval = read_config("ticker_interval") or 0
local max_retry = read_config("max_retry") or 0
local discard = read_config("discard_on_error")
local abort = read_config("abort_on_error")
assert(not (abort and discard), "abort_on_error and discard_on_error are mutually exclusive")
assert(flush_count > 0, "flush_count must be greater than zero")

local encoder_module = read_config("encoder_module") or "encoders.elasticsearch.payload"
local encode = require(encoder_module).encode
if not encode then error(encoder_module .. " does not provide an encode function") end

-- A function that encrypts a connected socket, or nil.
local function load_tls(config)
    if not config then return nil end
    local ssl = require "ssl"
    local params = {}
    for name, value in pairs(config) do params[name] = value end
    params.mode = "client"
    assert(ssl.newcontext(params))
    return function(client)
        local encrypted = assert(ssl.wrap(client, params))
        encrypted:settimeout(timeout)
        encrypted:sni(address)
        assert(encrypted:dohandshake())
        return encrypted
    end
end

local function load_headers(credentials)
    local headers = {
        ["user-agent"] = "Hekate",
        ["content-type"] = "application/x-ndjson",
        ["host"] = format("%s:%s", address, port),
        ["accept"] = "application/json",
        ["connection"] = "keep-alive",
    }
    if credentials then
        headers.authorization = "Basic " .. mime.b64(credentials.username .. ":" .. credentials._password)
    end
    return headers
end

local server = {address = address, port = port, timeout = timeout, tls = load_tls(read_config("ssl_params"))}
local headers = load_headers(read_config("basic_auth_params"))
local batch =
    batch_file.open(format("%s/%s.batch", read_config("output_path") or ".", read_config("Logger")))

-- ---------------------------------------------------------------------------------------------------------------------
-- Answers

-- How many documents were refused, and how many of them because of a lack of rights: the cluster may be in trouble.
local function count_refused(answer)
    local refused, forbidden = 0, 0
    local errors = answer:find("errors")
    if not errors or not answer:value(errors) then return refused, forbidden end
    for _, item in answer:iter(answer:find("items")) do
        for _, action in answer:iter(item) do
            local status = answer:find(action, "status")
            status = status and answer:value(status) or 0
            if status == FORBIDDEN then forbidden = forbidden + 1 end
            if status >= FIRST_ERROR then refused = refused + 1 end
        end
    end
    return refused, forbidden
end

-- Whether the batch is done with.
local function is_accepted(body)
    local ok, refused, forbidden = pcall(function() return count_refused(rjson.parse(body)) end)
    if not ok then
        print(format("HTTP response didn't contain valid JSON. err: %s", tostring(refused)))
        return true
    end
    if refused == 0 then return true end
    if forbidden >= batch.count then
        print(format("ElasticSearch rejected all %d messages, batch will be retried (check your cluster)", forbidden))
        return false
    end
    print(format("ElasticSearch server reported errors processing the submission, not all messages were indexed " ..
        "(err: %d, tot: %d)", refused, batch.count))
    return true
end

-- ---------------------------------------------------------------------------------------------------------------------
-- Batches

local connection
local last_flush = os.time()
local retries = 0

local function disconnect()
    if connection then connection:close() end
    connection = nil
end

local function post()
    connection = connection or http_connection.open(server)
    local bytes, chunks, close = batch:reader()
    headers["content-length"] = bytes
    local ok, status, answer, body = pcall(connection.post, connection, "/_bulk", headers, chunks)
    close()
    if not ok then error(status, 0) end
    if not connection:is_open() then disconnect() end
    return status, answer, body
end

-- Whether the batch is done with. Throws what went wrong on the way.
local function send()
    local was_open = connection ~= nil
    local ok, status, answer, body = pcall(post)
    if not ok and was_open then
        -- The server may have closed a connection that was idle.
        disconnect()
        ok, status, answer, body = pcall(post)
    end
    if not ok then error(status, 0) end

    if status > LAST_GOOD_STATUS then
        print(format("HTTP response error. Status: %d", status))
        return false
    end
    if status == OK and string.find(answer["content-type"] or "", "^application/json") then
        return is_accepted(body)
    end
    return true
end

local function finish_batch()
    last_flush = os.time()
    retries = 0
    batch:clear()
end

local function send_batch()
    local ok, done = pcall(send)
    if ok and done then
        finish_batch()
        return true
    end

    if not ok then print(tostring(done)) end
    disconnect()
    retries = retries + 1
    if retries <= max_retry then return false end
    if discard then
        print(format("discarded %d messages", batch.count))
        finish_batch()
        return true
    end
    if abort then error(format("Abort sending %d messages after %d attempts", batch.count, retries)) end
    return false
end

-- ---------------------------------------------------------------------------------------------------------------------

function process_message()
    if batch.count >= flush_count and not send_batch() then return -3 end

    local ok, data = pcall(encode)
    if not ok then return -1, data end
    if not data then return -2 end
    local added, err = batch:add(data)
    if not added then return -1, err end

    if batch.count >= flush_count then send_batch() end
    return 0
end

function timer_event(ns, shutdown)
    local is_due = ns / NS_PER_SECOND - last_flush >= ticker_interval
    if batch.count > 0 and (is_due or (shutdown and flush_on_shutdown)) then send_batch() end
end
