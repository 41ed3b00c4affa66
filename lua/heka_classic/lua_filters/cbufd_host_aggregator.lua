--[[
Shows the graphs of a filter that runs on many hosts side by side: from its deltas (payloads of the type "cbufd") each column
becomes a graph of its own, "<name> (<column>)", with one column per host. All instances should have graphs of the same form.

A host that comes when all columns are taken gets the column of the one that has been silent longest, with the data in it,
if that is long enough; otherwise the filter ends.

  [by_host]
  type = "SandboxFilter"
  filename = "lua_filters/cbufd_host_aggregator.lua"
  message_matcher = "Logger == 'http_status' && Fields[payload_type] == 'cbufd'"
  ticker_interval = 60
  preserve_data = true
    [by_host.config]
    max_hosts = 5              # columns of the graphs; required
    rows = 60                  # of the graphs; required
    host_expiration = 120      # seconds of silence after which a host's column may be given away
    preservation_version = 0   # to be raised with every change of max_hosts or rows, when data are preserved
--]]

_PRESERVATION_VERSION = read_config("preservation_version") or 0

local cbuf_delta = require "cbuf_delta"
local string = require "string"
require "circular_buffer"

local rows = read_config("rows") or error("rows configuration must be specified")
local max_hosts = read_config("max_hosts") or error("max_hosts configuration must be specified")
local host_expiration_ns = (read_config("host_expiration") or 120) * 1e9

-- By host name {last_update = ns, index = column}, and how many there are; by payload name {header, cbufs}, a buffer for each
-- column of the header.
hosts = {}
hosts_size = 0
payloads = {}

-- Raises an error for a header that no buffers can be made of.
local function new_payload(header)
    local buffers = {}
    for i, column in ipairs(header.column_info) do
        local buffer = circular_buffer.new(rows, max_hosts, header.seconds_per_row)
        -- For the check alone when there is no host yet: the first one replaces it.
        buffer:set_header(1, column.name, column.unit, column.aggregation)
        for name, host in pairs(hosts) do
            buffer:set_header(host.index, name, column.unit, column.aggregation)
        end
        buffers[i] = buffer
    end
    return {header = header, cbufs = buffers}
end

local function quietest_host()
    local quietest
    for name, host in pairs(hosts) do
        if not quietest or host.last_update < hosts[quietest].last_update then quietest = name end
    end
    return quietest
end

local function add_host(name, ts)
    local host
    if hosts_size < max_hosts then
        hosts_size = hosts_size + 1
        host = {last_update = ts, index = hosts_size}
    else
        local replaced = quietest_host()
        host = hosts[replaced]
        if ts - host.last_update < host_expiration_ns then
            error("The number of hosts exceeds the 'max_hosts' configuration")
        end
        hosts[replaced] = nil
        host.last_update = ts
    end
    hosts[name] = host
    for _, payload in pairs(payloads) do
        for i, buffer in ipairs(payload.cbufs) do
            local column = payload.header.column_info[i]
            buffer:set_header(host.index, name, column.unit, column.aggregation)
        end
    end
    return host
end

function process_message()
    local delta = cbuf_delta.parse(read_message("Payload"))
    if not delta then return -1 end

    local name = tostring(read_message("Fields[payload_name]") or "")
    local payload = payloads[name]
    if not payload then
        local ok, created = pcall(new_payload, delta.header)
        if not ok then return -1 end
        payload = created
    end
    if cbuf_delta.width(delta) > #payload.cbufs then return -1 end
    payloads[name] = payload

    local ts, hostname = read_message("Timestamp"), read_message("Hostname")
    local host = hosts[hostname] or add_host(hostname, ts)
    if ts > host.last_update then host.last_update = ts end

    for _, row in ipairs(delta) do
        for col, value in ipairs(row) do
            local aggregation = payload.header.column_info[col].aggregation
            cbuf_delta.merge(payload.cbufs[col], row.time, host.index, value, aggregation)
        end
    end
    return 0
end

local OPTIONS = '{"options":{"stackedGraph":true,"fillGraph":true}}\n'

function timer_event(ns)
    for name, payload in pairs(payloads) do
        for i, buffer in ipairs(payload.cbufs) do
            local title = string.format("%s (%s)", name, payload.header.column_info[i].name)
            inject_payload("cbuf", title, OPTIONS, buffer)
        end
    end
end
